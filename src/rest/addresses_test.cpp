// S21 of docs/reference/attacks.md: the server asks no address that a request names. There is no field for one, and
// where a file or a symbol is named, an address is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "rest/test_lake.hpp"

namespace argosy::rest {
namespace {

using testing::HasSubstr;

constexpr const char* kAddresses[] = {
    "http://127.0.0.1:8080/api/v1/auth/me",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/",
    "//192.0.2.1/share",
    "file:///etc/passwd",
    "https://192.0.2.1/redirect",
    "s3://bucket/key",
    "\\\\\\\\192.0.2.1\\\\c",
};

class AddressesTest : public LakeTest {
 protected:
  // The status of a request in whose text ADDRESS stands for each of them.
  void expect_refused(const std::string& method, const std::string& target, const std::string& body,
                      std::int64_t caller) {
    for (const std::string address : kAddresses) {
      const auto fill = [&](std::string text, const std::string& with) {
        for (std::size_t at = text.find("ADDRESS"); at != std::string::npos; at = text.find("ADDRESS"))
          text.replace(at, 7, with);
        return text;
      };
      const auto answer = ask(caller, method, fill(target, net::percent_encode(address)), fill(body, address));
      EXPECT_TRUE(answer.status == 400 || answer.status == 404) << target << " " << address << ": " << answer.body;
    }
  }
};

TEST_F(AddressesTest, S21_NoRequestHasAFieldForOne) {
  for (const auto& endpoint : api.endpoints()) {
    for (const core::RecordType* type : {endpoint->query, endpoint->body}) {
      if (type == nullptr) continue;
      for (const core::Field& field : type->fields) {
        for (const std::string_view word : {"url", "uri", "host", "hook", "callback", "redirect", "proxy", "link"})
          EXPECT_FALSE(core::to_lower(field.name).contains(word)) << endpoint->notes.name << ": " << field.name;
      }
    }
  }
}

TEST_F(AddressesTest, S21_AnAddressIsNoFileAndNoSymbol) {
  expect_refused("POST", "/jobs/import", R"({"file":"ADDRESS","timeframe":"1d"})", kAdmin);
  expect_refused("GET", "/prices/candles?symbol=ADDRESS", {}, kWatcher);
  expect_refused("GET", "/decisions/buy?symbol=ADDRESS", {}, kWatcher);
  expect_refused("POST", "/prices/daily/bulk",
                 R"({"symbol":"ADDRESS","exchange":"XNAS","csv":"date,open,high,low,close,volume\n"})", kAdmin);
  // Lines to be stored are never taken for the name of a file that has them.
  for (const char* csv : {"http://192.0.2.1/a.csv", "/etc/passwd"}) {
    const auto answer = ask(kAdmin, "POST", "/prices/daily/bulk",
                            std::string(R"({"symbol":"PEAR","exchange":"XNAS","csv":")") + csv + "\"}");
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("root:")));
  }
}

TEST_F(AddressesTest, S21_AStrategyNamesNoAddress) {
  for (const std::string key : {"let_files: [ADDRESS]", "fees: ADDRESS", "limits: ADDRESS"}) {
    for (const char* address : {"http://169.254.169.254/x", "file:///etc/passwd", "//192.0.2.1/share"}) {
      std::string line = key;
      line.replace(line.find("ADDRESS"), 7, "'" + std::string(address) + "'");
      const std::string text = R"({"text":"name: x\nbuy: close > 1\nsell: close < 1\n)" + line + R"(\n"})";
      const auto checked = ask(kOwner, "POST", "/strategies/check", text);
      EXPECT_EQ(checked.status, 200) << checked.body;
      EXPECT_THAT(checked.body, HasSubstr(R"("is_valid":false)")) << line;
      EXPECT_EQ(ask(kOwner, "POST", "/strategies", text).status, 400) << line;
    }
  }
}

}  // namespace
}  // namespace argosy::rest
