#include "net/http_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <latch>
#include <mutex>
#include <thread>

#include "core/log.hpp"

namespace argosy::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A client that says what it likes.
class Client {
 public:
  explicit Client(std::uint16_t port, std::chrono::seconds patience = 10s)
      : handle_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval time{.tv_sec = patience.count(), .tv_usec = 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    sockaddr plain{};
    std::memcpy(&plain, &address, sizeof address);
    EXPECT_EQ(::connect(handle_, &plain, sizeof plain), 0);
  }
  ~Client() { ::close(handle_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Client& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  // One answer whose length its header tells.
  std::string read() {
    std::size_t head = std::string::npos;
    while ((head = read_.find("\r\n\r\n")) == std::string::npos && more()) {
    }
    if (head == std::string::npos) return std::exchange(read_, {});
    head += 4;
    const std::size_t at = read_.find("Content-Length: ");
    const std::size_t size = at < head ? std::strtoull(read_.c_str() + at + 16, nullptr, 10) : 0;
    while (read_.size() < head + size && more()) {
    }
    std::string answer = read_.substr(0, head + size);
    read_.erase(0, answer.size());
    return answer;
  }
  // Exactly so many bytes.
  std::string read(std::size_t size) {
    while (read_.size() < size && more()) {
    }
    std::string some = read_.substr(0, size);
    read_.erase(0, some.size());
    return some;
  }
  [[nodiscard]] int handle() const { return handle_; }
  // Says no more.
  void finish() const { ::shutdown(handle_, SHUT_WR); }
  // Whether the other side has closed, once all is read.
  bool is_closed() {
    while (more()) {
    }
    return closed_;
  }

 private:
  bool more() {
    std::array<char, 65536> some{};
    const ssize_t size = ::recv(handle_, some.data(), some.size(), 0);
    closed_ = size == 0 || (size < 0 && errno == ECONNRESET);
    if (size > 0) read_.append(some.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  int handle_;
  bool closed_ = false;
  std::string read_;
};

std::string body_of(const std::string& answer) {
  return answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4));
}

std::string unpacked(std::string packed) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(100'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

// Says back what it was asked.
HttpResponse echo(const HttpRequest& request) {
  if (request.path == "/throws") throw std::runtime_error("on purpose");
  if (request.path == "/splits") return {.headers = {{"X", "a\r\nSet-Cookie: b"}}};
  if (request.path == "/nothing") return {.status = 204};
  if (request.path == "/long") return text_response(200, "text/plain", std::string(50'000, 'a'));
  if (request.path == "/image") return text_response(200, "image/png", std::string(50'000, 'a'));
  return text_response(200, "text/plain",
                       fmt::format("{} {} {} {} [{}]", request.method, request.path, request.query,
                                   request.headers.find("x-test").value_or("-"), request.body));
}

class HttpServerTest : public testing::Test {
 protected:
  void start(HttpServerSettings settings = {}, HttpHandlers handlers = {.answer = echo}) {
    auto started = HttpServer::start(std::move(settings), std::move(handlers), clock);
    ASSERT_TRUE(started) << started.error().describe();
    server = *std::move(started);
    port = server->address().port;
  }
  [[nodiscard]] std::string ask(std::string_view bytes) const { return Client(port).send(bytes).read(); }

  core::SystemClock clock;
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
};

TEST_F(HttpServerTest, AnswersAndKeepsAlive) {
  start();
  Client client(port);
  const std::string first = client.send("GET /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Test: yes\r\n\r\n").read();
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(first, HasSubstr("\r\nDate: "));
  EXPECT_THAT(first, HasSubstr(" GMT\r\n"));
  EXPECT_EQ(body_of(first), "GET /a/b c=d yes []");
  // Two at once, the second with a body in chunks.
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
  EXPECT_THAT(client.read(), EndsWith("POST /  - [hi]"));
  EXPECT_THAT(client.read(), EndsWith("PUT /  - [abcd]"));
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read(), EndsWith("GET /  - []"));
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(server->counts().requests, 4U);
  EXPECT_EQ(server->counts().connections, 1U);
}

TEST_F(HttpServerTest, HeadAndNothingHaveNoBody) {
  start();
  Client client(port);
  client.send(
      "HEAD /long HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += client.read(1);
  EXPECT_THAT(head, HasSubstr("Content-Length: 50000"));
  const std::string nothing = client.read();
  EXPECT_THAT(nothing, StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(nothing, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(client.read(), EndsWith("GET /  - []"));
}

TEST_F(HttpServerTest, ContinuesWhereThatIsExpected) {
  start();
  Client client(port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_THAT(client.read(), StartsWith("HTTP/1.1 100 Continue\r\n"));
  client.send("abc");
  EXPECT_THAT(client.read(), EndsWith("[abc]"));
}

TEST_F(HttpServerTest, CompressesText) {
  start();
  const std::string packed = ask("GET /long HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n");
  EXPECT_THAT(packed, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_THAT(packed, HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_LT(packed.size(), 1000U);
  EXPECT_EQ(unpacked(body_of(packed)), std::string(50'000, 'a'));
  for (const char* request :
       {"GET /long HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0\r\n\r\n", "GET /long HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /image HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"})
    EXPECT_THAT(ask(request), Not(HasSubstr("Content-Encoding"))) << request;
}

TEST_F(HttpServerTest, MistakesOfHandlersAreTheProgramsOwn) {
  start();
  for (const char* path : {"/throws", "/splits"}) {
    const std::string answer = ask(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 ")) << path;
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
    EXPECT_THAT(answer, Not(HasSubstr("purpose")));
    EXPECT_THAT(answer, Not(HasSubstr("Set-Cookie")));
  }
  EXPECT_EQ(core::take_warning_count(), 2);
}

// S17. What the next one in line might read otherwise is refused, and the connection closed.
struct Wrong {
  const char* name;
  std::string bytes;
  const char* status;
};
class HttpRefuses : public HttpServerTest, public testing::WithParamInterface<Wrong> {};

TEST_P(HttpRefuses, AndCloses) {
  start({.most_header_bytes = 4096, .most_body_bytes = 1000});
  Client client(port);
  EXPECT_THAT(client.send(GetParam().bytes).read(), StartsWith(GetParam().status));
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(server->counts().requests, 0U);
  EXPECT_EQ(server->counts().refused, 1U);
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

std::string many_headers() {
  std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 100'000; ++i) bytes += fmt::format("X-{}: 1\r\n", i);
  return bytes + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    S17, HttpRefuses,
    testing::Values(
        Wrong{"TwoWaysToTellALength",
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              "HTTP/1.1 400 "},
        Wrong{"TheOtherWayRound",
              "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
              "HTTP/1.1 400 "},
        Wrong{"TwoLengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
              "HTTP/1.1 400 "},
        Wrong{"ALengthThatIsNone", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"AnotherEncoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
              "HTTP/1.1 400 "},
        Wrong{"AnEncodingThatIsHidden", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
              "HTTP/1.1 400 "},
        Wrong{"AChunkOfNoSize", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
              "HTTP/1.1 400 "},
        Wrong{"BareLineFeeds", "GET / HTTP/1.1\nHost: x\n\n", "HTTP/1.1 400 "},
        Wrong{"ALineThatGoesOn", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\x01 b\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"AnAbsoluteTarget", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"NoHost", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"NoHttp", "hello\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"AnotherVersion", "GET / HTTP/3.0\r\n\r\n", "HTTP/1.1 400 "},
        Wrong{"ManyHeaders", many_headers(), "HTTP/1.1 431 "},
        Wrong{"ALongHeader", "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(1'000'000, 'a') + "\r\n\r\n",
              "HTTP/1.1 431 "},
        Wrong{"ALongTarget", "GET /" + std::string(1'000'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 431 "},
        Wrong{"ALargeBody", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'a'),
              "HTTP/1.1 413 "},
        Wrong{"ALargeBodyInChunks",
              "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  fmt::format("3e9\r\n{}\r\n0\r\n\r\n", std::string(1001, 'a')),
              "HTTP/1.1 413 "}),
    [](const auto& info) { return info.param.name; });

TEST_F(HttpServerTest, SlowClientsAreNotWaitedFor) {
  start({.header_time = 200ms, .body_time = 200ms, .idle_time = 200ms});
  Client slow(port);
  slow.send("GET / HT");
  Client slower(port);
  slower.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  Client idle(port);
  for (Client* each : {&slow, &slower, &idle}) {
    EXPECT_TRUE(each->is_closed());
    EXPECT_EQ(each->read(), "");
  }
  for (int i = 0; i < 1'000 && server->counts().refused < 2; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(server->counts().refused, 2U);
}

// One worker, one that waits: the third is told to come again, on a connection that stays.
TEST_F(HttpServerTest, TooManyAreToldToComeAgain) {
  std::latch go(1);
  start({.workers = 1, .most_waiting = 1}, {.answer = [&](const HttpRequest& request) {
          go.wait();
          return echo(request);
        }});
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  Client first(port);
  Client second(port);
  Client third(port);
  first.send(request);
  second.send(request);
  while (server->counts().waiting < 2) std::this_thread::yield();
  const std::string busy = third.send(request).read();
  EXPECT_THAT(busy, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(busy, HasSubstr("Retry-After: 1\r\n"));
  go.count_down();
  EXPECT_THAT(first.read(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(second.read(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(third.send(request).read(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(server->counts().busy, 1U);
}

// What is being answered is answered; who says nothing is not waited for.
TEST_F(HttpServerTest, StopsWhenAllAreAnswered) {
  std::latch asked(1);
  start({}, {.answer = [&](const HttpRequest& request) {
          asked.count_down();
          std::this_thread::sleep_for(200ms);
          return echo(request);
        }});
  Client idle(port);
  Client busy(port);
  busy.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
  asked.wait();
  server->stop(10s);
  EXPECT_THAT(busy.read(), HasSubstr("GET /last"));
  EXPECT_TRUE(busy.is_closed());
  EXPECT_TRUE(idle.is_closed());
  server.reset();
}

TEST_F(HttpServerTest, StopsAtOnceWhereItMust) {
  start({}, {.answer = [&](const HttpRequest& request) {
          std::this_thread::sleep_for(100ms);
          return echo(request);
        }});
  Client client(port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (server->counts().waiting == 0) std::this_thread::yield();
  server.reset();
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, AddressesThatItCannotHave) {
  start();
  const auto again = HttpServer::start({.address = server->address()}, {.answer = echo}, clock);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, core::ErrorCode::kAlreadyExists);
  EXPECT_FALSE(HttpServer::start({.address = {.host = "nowhere", .port = 0}}, {.answer = echo}, clock));
  EXPECT_FALSE(
      HttpServer::start({.tls = TlsFiles{.certificate = "/nowhere", .key = "/nowhere"}}, {.answer = echo}, clock));
}

// --- TLS. ---

class TlsTest : public HttpServerTest {
 protected:
  void SetUp() override {
    folder = testing::TempDir() + fmt::format("argosy-tls-{}", ::getpid());
    std::filesystem::create_directories(folder);
    files = {.certificate = folder + "/certificate.pem", .key = folder + "/key.pem"};
    const std::string made = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -keyout "
        "{} "
        "-out {} 2>/dev/null",
        files.key, files.certificate);
    ASSERT_EQ(std::system(made.c_str()), 0);  // NOLINT(concurrency-mt-unsafe)
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  // What is answered by TLS of at most that version; empty: there is no agreement.
  [[nodiscard]] std::string ask_securely(std::string_view bytes, int version) const {
    const Client client(port);
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_set_security_level(context.get(), 0);
    const std::unique_ptr<SSL, decltype(&SSL_free)> secure(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(secure.get(), client.handle());
    if (SSL_connect(secure.get()) != 1) return {};
    SSL_write(secure.get(), bytes.data(), static_cast<int>(bytes.size()));
    std::string all;
    std::array<char, 4096> some{};
    for (int size = 0; (size = SSL_read(secure.get(), some.data(), some.size())) > 0;)
      all.append(some.data(), static_cast<std::size_t>(size));
    return all;
  }

  std::string folder;
  TlsFiles files;
};

TEST_F(TlsTest, NewVersionsAlone) {
  start({.tls = files}, {.answer = [](const HttpRequest& request) {
          return text_response(200, "text/plain", request.is_secure ? "secure" : "plain");
        }});
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_THAT(ask_securely(request, TLS1_3_VERSION), EndsWith("\r\n\r\nsecure"));
  EXPECT_THAT(ask_securely(request, TLS1_2_VERSION), EndsWith("\r\n\r\nsecure"));
  EXPECT_EQ(ask_securely(request, TLS1_1_VERSION), "");
  EXPECT_EQ(ask_securely(request, TLS1_VERSION), "");
  EXPECT_THAT(ask(request), Not(HasSubstr("HTTP")));  // spoken plainly
}

// --- WebSocket. ---

struct Heard final : WebSocketListener {
  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<WebSocket> socket;
  std::vector<std::string> texts;
  bool closed = false;

  void on_open(std::shared_ptr<WebSocket> opened) override {
    set([&] { socket = std::move(opened); });
  }
  void on_text(std::string text) override {
    set([&] { texts.push_back(std::move(text)); });
  }
  void on_closed() override {
    set([&] { closed = true; });
  }
  template <class Done>
  bool wait(Done done) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return done(*this); });
  }

 private:
  template <class Change>
  void set(Change change) {
    const std::scoped_lock lock(mutex);
    change();
    changed.notify_all();
  }
};

// As a client sends it: masked, by zeros.
std::string frame(std::string_view text, char head = '\x81') {
  std::string bytes{head};
  if (text.size() < 126) {
    bytes += static_cast<char>(0x80U | text.size());
  } else {
    bytes += '\xFE';
    bytes += static_cast<char>(text.size() >> 8U);
    bytes += static_cast<char>(text.size() & 0xFFU);
  }
  return bytes + std::string(4, '\0') + std::string(text);
}

class WebSocketTest : public HttpServerTest {
 protected:
  void start_listening(HttpServerSettings settings = {}) {
    start(std::move(settings),
          {.answer = echo,
           .accept =
               [this](const HttpRequest& request) -> std::expected<std::shared_ptr<WebSocketListener>, HttpResponse> {
             if (request.path != "/ws") return std::unexpected(text_response(404, "text/plain", "not here"));
             return heard;
           }});
  }
  static std::string shake(Client& client, std::string_view path = "/ws") {
    return client
        .send(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                          path))
        .read();
  }
  // The code of a close frame that comes next.
  static int closing_code(Client& client) {
    const std::string head = client.read(4);
    if (head.size() < 4 || head[0] != '\x88') return -1;
    return static_cast<unsigned char>(head[2]) * 256 + static_cast<unsigned char>(head[3]);
  }

  std::shared_ptr<Heard> heard = std::make_shared<Heard>();
};

TEST_F(WebSocketTest, BothSidesSpeak) {
  start_listening();
  Client client(port);
  EXPECT_THAT(shake(client), HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));  // RFC 6455, 1.3
  ASSERT_TRUE(heard->wait([](Heard& now) { return now.socket != nullptr; }));
  client.send(frame("one") + frame("two"));
  ASSERT_TRUE(heard->wait([](Heard& now) { return now.texts.size() == 2; }));
  EXPECT_THAT(heard->texts, ElementsAre("one", "two"));
  EXPECT_EQ(heard->socket->peer(), "127.0.0.1");
  EXPECT_EQ(server->counts().web_sockets, 1U);
  heard->socket->send("a");
  heard->socket->send("bc");
  heard->socket->close(4001, "enough");
  EXPECT_EQ(client.read(3 + 4),
            "\x81\x01"
            "a"
            "\x81\x02"
            "bc");
  EXPECT_EQ(closing_code(client), 4001);
  client.send(frame("\x0F\xA1", '\x88')).finish();
  EXPECT_TRUE(heard->wait([](Heard& now) { return now.closed; }));
  heard->socket->send("nobody hears");
}

TEST_F(WebSocketTest, IsRefused) {
  start_listening();
  Client client(port);
  EXPECT_THAT(shake(client, "/other"), StartsWith("HTTP/1.1 404 "));
  EXPECT_EQ(heard->socket, nullptr);
}

struct Greets final : WebSocketListener {
  void on_open(std::shared_ptr<WebSocket> opened) override {
    opened->send("hello");
    opened->close(4001, "enough");
  }
  void on_text(std::string) override {}
  void on_closed() override {}
};

TEST_F(TlsTest, WebSocketsAreServedToo) {
  start({.tls = files, .close_time = 200ms},
        {.answer = echo,
         .accept = [](const HttpRequest&) -> std::expected<std::shared_ptr<WebSocketListener>, HttpResponse> {
           return std::make_shared<Greets>();
         }});
  const std::string all = ask_securely(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      TLS1_3_VERSION);
  EXPECT_THAT(all, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(all, EndsWith("\r\n\r\n\x81\x05hello\x88\x08\x0F\xA1"
                            "enough"));
}

// S16: each is closed with its code, and told of once.
TEST_F(WebSocketTest, WhatIsNoTextIsClosed) {
  const std::pair<std::string, int> cases[] = {
      {frame("x", '\x82'), 1003},  // bytes
      {frame("\xFF\xFE"), 1007},   // no UTF-8
      {std::string("\x81\x01"
                   "a",
                   3),
       1002},                                  // not masked
      {frame("x", '\xC1'), 1002},              // compressed, which was not agreed
      {frame(std::string(2'000, 'a')), 1009},  // too long
      {frame(std::string(600, 'a'), '\x01') + frame(std::string(600, 'a'), '\x80'), 1009},  // in fragments
      {std::string("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10) + std::string(8, 'a'), 1009},
  };
  for (const auto& [bytes, code] : cases) {
    heard = std::make_shared<Heard>();
    start_listening({.most_message_bytes = 1'000});
    Client client(port);
    shake(client);
    client.send(bytes);
    EXPECT_EQ(closing_code(client), code) << bytes.substr(0, 20);
    client.send(frame("\x03\xE8", '\x88')).finish();
    EXPECT_TRUE(heard->wait([](Heard& now) { return now.closed; }));
    EXPECT_TRUE(heard->texts.empty());
  }
}

TEST_F(WebSocketTest, WhoDoesNotReadIsClosed) {
  start_listening({.most_unsent_bytes = 2'000'000});
  Client client(port);
  shake(client);
  ASSERT_TRUE(heard->wait([](Heard& now) { return now.socket != nullptr; }));
  const auto text = std::make_shared<const std::string>(100'000, 'a');
  for (int i = 0; i < 500; ++i) heard->socket->send(text);  // 50 MB: more than the system takes
  constexpr std::string_view kReason = "it takes too slowly what it is sent";
  std::string all;
  for (std::string some; !all.ends_with(kReason) && !(some = client.read(1)).empty();) all += some;
  EXPECT_THAT(all, EndsWith(kReason));
  EXPECT_LT(all.size(), 500U * 100'000U);
}

// A client that takes nothing takes no reason either, and says enough not to be silent.
TEST_F(WebSocketTest, WhoNeverReadsIsGoneAllTheSame) {
  start_listening({.most_unsent_bytes = 2'000'000, .close_time = 200ms});
  Client client(port);
  shake(client);
  ASSERT_TRUE(heard->wait([](Heard& now) { return now.socket != nullptr; }));
  const auto text = std::make_shared<const std::string>(100'000, 'a');
  for (int i = 0; i < 500; ++i) heard->socket->send(text);
  EXPECT_TRUE(heard->wait([](Heard& now) { return now.closed; }));
}

TEST_F(WebSocketTest, WhoSaysTooMuchIsClosed) {
  for (const std::string& what : {frame("again"), frame("", '\x89')}) {
    heard = std::make_shared<Heard>();
    start_listening({.most_messages = 5, .messages_time = 1h});
    Client client(port);
    shake(client);
    for (int i = 0; i < 6; ++i) client.send(what);
    constexpr std::string_view kReason = "it says too much in too short a time";
    std::string all;
    for (std::string some; !all.ends_with(kReason) && !(some = client.read(1)).empty();) all += some;
    EXPECT_THAT(all, EndsWith(kReason));
    client.send(frame("more")).send(frame("\x03\xF0", '\x88')).finish();
    EXPECT_TRUE(heard->wait([](Heard& now) { return now.closed; }));
    EXPECT_LE(heard->texts.size(), 5U);
  }
}

TEST_F(WebSocketTest, WhoIsSilentForTooLongIsGone) {
  start_listening({.ping_every = 200ms});
  Client client(port);
  shake(client);
  EXPECT_EQ(client.read(2), std::string("\x89\x00", 2));  // a ping
  EXPECT_TRUE(heard->wait([](Heard& now) { return now.closed; }));
}

TEST_F(WebSocketTest, IsToldThatTheServerEnds) {
  start_listening();
  Client client(port);
  shake(client);
  ASSERT_TRUE(heard->wait([](Heard& now) { return now.socket != nullptr; }));
  std::thread stopper([this] { server->stop(10s); });
  EXPECT_EQ(closing_code(client), 1001);
  client.send(frame("\x03\xE9", '\x88')).finish();
  stopper.join();
  EXPECT_TRUE(heard->closed);
}

}  // namespace
}  // namespace argosy::net
