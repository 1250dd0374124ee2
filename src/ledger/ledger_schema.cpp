#include "ledger/ledger_schema.hpp"

#include "ledger/access.hpp"
#include "ledger/actions.hpp"
#include "ledger/approvals.hpp"
#include "ledger/audit.hpp"
#include "ledger/equity.hpp"
#include "ledger/instruments.hpp"
#include "ledger/jobs.hpp"
#include "ledger/journal.hpp"
#include "ledger/ledger_verify.hpp"
#include "ledger/notes.hpp"
#include "ledger/orders.hpp"
#include "ledger/room_changes.hpp"
#include "ledger/second_factor.hpp"
#include "ledger/services.hpp"
#include "ledger/users.hpp"

namespace argosy::ledger {
namespace {

// Amounts that a broker reports are not refused for their sign, whatever they are: what happened must be booked.

constexpr const char* kPeople[] = {
    R"(CREATE TABLE users (
  user_id INTEGER NOT NULL PRIMARY KEY,
  username TEXT NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 50),
  email TEXT NOT NULL UNIQUE CHECK (length(email) BETWEEN 1 AND 120),
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'trader', 'viewer')),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  last_login INTEGER,
  created_at INTEGER NOT NULL
) STRICT)",
    R"(CREATE TABLE instruments (
  instrument_id INTEGER NOT NULL PRIMARY KEY,
  symbol TEXT NOT NULL CHECK (length(symbol) BETWEEN 1 AND 20),
  exchange TEXT NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  asset_type TEXT NOT NULL,
  tick INTEGER NOT NULL CHECK (tick > 0),
  lot INTEGER NOT NULL CHECK (lot > 0),
  fractional INTEGER NOT NULL CHECK (fractional IN (0, 1)),
  may_be_negative INTEGER NOT NULL CHECK (may_be_negative IN (0, 1)),
  name TEXT NOT NULL CHECK (length(name) <= 200),
  sector TEXT NOT NULL CHECK (length(sector) <= 100),
  description TEXT NOT NULL CHECK (length(description) <= 1000),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  UNIQUE (symbol, exchange)
) STRICT)",
    R"(CREATE TABLE exchange_rates (
  base TEXT NOT NULL CHECK (length(base) = 3),
  quote TEXT NOT NULL CHECK (length(quote) = 3),
  rate INTEGER NOT NULL CHECK (rate > 0),
  time INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (base, quote, time, source)
) STRICT)",
    R"(CREATE TABLE strategies (
  strategy_id INTEGER NOT NULL PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (user_id),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  text TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  custom_order INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (owner_id, name, version)
) STRICT)",
    R"(CREATE TABLE broker_accounts (
  broker_account_id INTEGER NOT NULL PRIMARY KEY,
  broker TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('paper', 'live')),
  masked_number TEXT NOT NULL,
  base_currency TEXT NOT NULL CHECK (length(base_currency) = 3),
  owner_id INTEGER NOT NULL REFERENCES users (user_id),
  created_at INTEGER NOT NULL
) STRICT)",
    R"(CREATE TABLE portfolios (
  portfolio_id INTEGER NOT NULL PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (user_id),
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  cash INTEGER NOT NULL,
  money_market INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (owner_id, name)
) STRICT)",
    "CREATE UNIQUE INDEX portfolios_default ON portfolios (owner_id) WHERE is_default = 1",
};

constexpr const char* kServices[] = {
    R"(CREATE TABLE trading_services (
  service_id INTEGER NOT NULL PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (user_id),
  portfolio_id INTEGER NOT NULL REFERENCES portfolios (portfolio_id),
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  name TEXT NOT NULL CHECK (length(name) <= 100),
  description TEXT NOT NULL CHECK (length(description) <= 1000),
  stock_symbol TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'INACTIVE', 'PAUSED', 'ERROR')),
  mode TEXT NOT NULL CHECK (mode IN ('BUY', 'SELL', 'HOLD')),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  initial_balance INTEGER NOT NULL CHECK (initial_balance >= 0),
  current_balance INTEGER NOT NULL,
  minimum_balance INTEGER NOT NULL CHECK (minimum_balance >= 0),
  returned_balance INTEGER NOT NULL,
  allocation_percent INTEGER NOT NULL CHECK (allocation_percent BETWEEN 0 AND 100000000000),
  buy_threshold INTEGER NOT NULL CHECK (buy_threshold BETWEEN 0 AND 100000000000),
  sell_threshold INTEGER NOT NULL CHECK (sell_threshold BETWEEN 0 AND 100000000000),
  stop_loss_percent INTEGER NOT NULL CHECK (stop_loss_percent BETWEEN 0 AND 100000000000),
  take_profit_percent INTEGER NOT NULL CHECK (take_profit_percent >= 0),
  current_shares INTEGER NOT NULL,
  buy_count INTEGER NOT NULL CHECK (buy_count >= 0),
  sell_count INTEGER NOT NULL CHECK (sell_count >= 0),
  total_gain_loss INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  interval_seconds INTEGER NOT NULL CHECK (interval_seconds > 0),
  fractional INTEGER NOT NULL CHECK (fractional IN (0, 1)),
  failures INTEGER NOT NULL CHECK (failures >= 0),
  error TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT)",
    "CREATE INDEX services_of_portfolio ON trading_services (portfolio_id)",
    R"(CREATE TABLE trading_transactions (
  transaction_id INTEGER NOT NULL PRIMARY KEY,
  service_id INTEGER NOT NULL REFERENCES trading_services (service_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  stock_symbol TEXT NOT NULL,
  shares INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'CLOSED', 'CANCELLED')),
  purchase_price INTEGER NOT NULL,
  sale_price INTEGER,
  gain_loss INTEGER NOT NULL,
  net_gain_loss INTEGER NOT NULL,
  purchase_date INTEGER NOT NULL,
  sale_date INTEGER,
  notes TEXT NOT NULL,
  bought INTEGER NOT NULL CHECK (bought >= 0),
  sold INTEGER NOT NULL CHECK (sold >= 0),
  purchase_amount INTEGER NOT NULL,
  sale_amount INTEGER NOT NULL,
  fees INTEGER NOT NULL,
  currency_digits INTEGER NOT NULL CHECK (currency_digits BETWEEN 0 AND 6),
  CHECK (state <> 'CANCELLED' OR bought = 0)
) STRICT)",
    "CREATE INDEX transactions_of_service ON trading_transactions (service_id, state)",
    "CREATE UNIQUE INDEX transactions_open ON trading_transactions (service_id) WHERE state = 'OPEN'",
};

constexpr const char* kOrders[] = {
    R"(CREATE TABLE orders (
  order_id INTEGER NOT NULL PRIMARY KEY,
  client_order_id TEXT NOT NULL UNIQUE CHECK (length(client_order_id) BETWEEN 1 AND 40),
  broker_order_id TEXT NOT NULL,
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  service_id INTEGER REFERENCES trading_services (service_id),
  portfolio_id INTEGER REFERENCES portfolios (portfolio_id),
  transaction_id INTEGER REFERENCES trading_transactions (transaction_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  kind TEXT NOT NULL CHECK (kind <> ''),
  time_in_force TEXT NOT NULL,
  effect TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('created', 'denied', 'pending_submit', 'submitted', 'accepted', 'triggered',
    'partially_filled', 'pending_cancel', 'pending_replace', 'unknown', 'filled', 'cancelled', 'rejected', 'expired')),
  resting TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 0),
  filled_quantity INTEGER NOT NULL CHECK (filled_quantity >= 0),
  limit_price INTEGER,
  stop_price INTEGER,
  fill_price INTEGER,
  filled_amount INTEGER NOT NULL,
  fees INTEGER NOT NULL,
  decision INTEGER NOT NULL,
  note TEXT NOT NULL,
  late_fill INTEGER NOT NULL CHECK (late_fill IN (0, 1)),
  overfilled INTEGER NOT NULL CHECK (overfilled IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT)",
    R"(CREATE INDEX orders_working ON orders (order_id)
  WHERE state NOT IN ('denied', 'filled', 'cancelled', 'rejected', 'expired'))",
    "CREATE INDEX orders_of_service ON orders (service_id, order_id)",
    R"(CREATE TABLE fills (
  fill_id INTEGER NOT NULL PRIMARY KEY,
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  broker_fill_id TEXT NOT NULL CHECK (broker_fill_id <> ''),
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  service_id INTEGER REFERENCES trading_services (service_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  price INTEGER NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  fee INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  rate INTEGER NOT NULL CHECK (rate > 0),
  rate_inverse INTEGER NOT NULL CHECK (rate_inverse IN (0, 1)),
  filled_at INTEGER NOT NULL,
  UNIQUE (broker_account_id, broker_fill_id)
) STRICT)",
    "CREATE INDEX fills_of_order ON fills (order_id)",
    R"(CREATE TABLE positions (
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  symbol TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  unassigned INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  price INTEGER,
  priced_at INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (broker_account_id, instrument_id)
) STRICT)",
    R"(CREATE TABLE holdings (
  portfolio_id INTEGER NOT NULL REFERENCES portfolios (portfolio_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  symbol TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  unassigned INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (portfolio_id, instrument_id)
) STRICT)",
};

// The journal belongs to nothing: it also says what was refused, before there was a row.
constexpr const char* kJournal[] = {
    R"(CREATE TABLE journal (
  seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
  time INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind <> ''),
  service_id INTEGER,
  order_id INTEGER,
  payload TEXT NOT NULL,
  fencing INTEGER NOT NULL
) STRICT)",
    "CREATE INDEX journal_of_service ON journal (service_id, seq) WHERE service_id IS NOT NULL",
    "CREATE INDEX journal_of_order ON journal (order_id, seq) WHERE order_id IS NOT NULL",
    R"(CREATE TABLE cash_entries (
  entry_id INTEGER NOT NULL PRIMARY KEY,
  journal_seq INTEGER NOT NULL REFERENCES journal (seq),
  time INTEGER NOT NULL,
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  holder TEXT NOT NULL CHECK (holder IN ('portfolio', 'money_market', 'service', 'market', 'fees', 'external',
    'exchange')),
  holder_id INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  amount INTEGER NOT NULL,
  reason TEXT NOT NULL,
  fill_id INTEGER REFERENCES fills (fill_id)
) STRICT)",
    "CREATE INDEX cash_entries_of_holder ON cash_entries (holder, holder_id)",
    "CREATE INDEX cash_entries_of_group ON cash_entries (journal_seq)",
    "CREATE INDEX cash_entries_of_fill ON cash_entries (fill_id) WHERE fill_id IS NOT NULL",
    R"(CREATE TABLE fundings (
  funding_id INTEGER NOT NULL PRIMARY KEY,
  portfolio_id INTEGER NOT NULL REFERENCES portfolios (portfolio_id),
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  time INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  amount INTEGER NOT NULL CHECK (amount <> 0),
  note TEXT NOT NULL
) STRICT)",
    "CREATE INDEX fundings_of_portfolio ON fundings (portfolio_id)",
    R"(CREATE TABLE audit_log (
  seq INTEGER NOT NULL PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action <> ''),
  subject TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
) STRICT)",
    R"(CREATE TABLE holder (
  holder_id INTEGER NOT NULL PRIMARY KEY CHECK (holder_id = 1),
  instance TEXT NOT NULL CHECK (length(instance) = 6),
  fencing INTEGER NOT NULL CHECK (fencing > 0),
  process TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT)",
};

constexpr const char* kRequests[] = {
    R"(CREATE TABLE order_requests (
  request_id INTEGER NOT NULL PRIMARY KEY,
  request_key TEXT NOT NULL UNIQUE CHECK (length(request_key) BETWEEN 1 AND 64),
  kind TEXT NOT NULL CHECK (kind <> ''),
  payload TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('NEW', 'DONE', 'FAILED')),
  answered_at INTEGER,
  answer TEXT NOT NULL,
  CHECK ((state = 'NEW') = (answered_at IS NULL))
) STRICT)",
    "CREATE INDEX order_requests_new ON order_requests (request_id) WHERE state = 'NEW'",
    R"(CREATE TABLE service_commands (
  request_id INTEGER NOT NULL PRIMARY KEY,
  request_key TEXT NOT NULL UNIQUE CHECK (length(request_key) BETWEEN 1 AND 64),
  kind TEXT NOT NULL CHECK (kind <> ''),
  payload TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('NEW', 'DONE', 'FAILED')),
  answered_at INTEGER,
  answer TEXT NOT NULL,
  CHECK ((state = 'NEW') = (answered_at IS NULL))
) STRICT)",
    "CREATE INDEX service_commands_new ON service_commands (request_id) WHERE state = 'NEW'",
    R"(CREATE TABLE outbox (
  outbox_id INTEGER NOT NULL PRIMARY KEY,
  time INTEGER NOT NULL,
  channel TEXT NOT NULL CHECK (channel <> ''),
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  sent_at INTEGER,
  error TEXT NOT NULL
) STRICT)",
    "CREATE INDEX outbox_waiting ON outbox (outbox_id) WHERE sent_at IS NULL",
};

constexpr const char* kRisk[] = {
    R"(CREATE TABLE risk_limits (
  scope TEXT NOT NULL CHECK (scope IN ('all', 'account', 'portfolio', 'strategy', 'service', 'instrument')),
  subject TEXT NOT NULL CHECK (scope <> 'all' OR subject = ''),
  name TEXT NOT NULL CHECK (name <> ''),
  value TEXT NOT NULL,
  is_hard INTEGER NOT NULL CHECK (is_hard IN (0, 1)),
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (scope, subject, name, is_hard)
) STRICT)",
    R"(CREATE TABLE kill_switches (
  switch_id INTEGER NOT NULL PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('all', 'account', 'strategy', 'service', 'instrument')),
  subject TEXT NOT NULL,
  halts TEXT NOT NULL CHECK (halts IN ('entries', 'orders')),
  reason TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  flatten INTEGER NOT NULL CHECK (flatten IN (0, 1)),
  cancels_sent INTEGER NOT NULL CHECK (cancels_sent IN (0, 1)),
  released_at INTEGER,
  released_by TEXT NOT NULL
) STRICT)",
    R"(CREATE TABLE daily_pnl (
  scope TEXT NOT NULL CHECK (scope IN ('account', 'portfolio', 'service')),
  subject_id INTEGER NOT NULL,
  date INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  realised INTEGER NOT NULL,
  unrealised INTEGER NOT NULL,
  fees INTEGER NOT NULL,
  equity INTEGER NOT NULL,
  PRIMARY KEY (scope, subject_id, date)
) STRICT)",
    R"(CREATE TABLE equity_snapshots (
  scope TEXT NOT NULL CHECK (scope IN ('account', 'portfolio', 'service')),
  subject_id INTEGER NOT NULL,
  time INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  equity INTEGER NOT NULL,
  cash INTEGER NOT NULL,
  market_value INTEGER NOT NULL,
  CHECK (equity = cash + market_value),
  PRIMARY KEY (scope, subject_id, time)
) STRICT)",
};

constexpr const char* kGuards[] = {
    R"(CREATE TABLE guards (
  broker_account_id INTEGER NOT NULL PRIMARY KEY REFERENCES broker_accounts,
  memory TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT)",
};

// Those of before stay at 0: copies of the lake's instruments, which are taken over at first use.
constexpr const char* kInstrumentsOwned[] = {
    "ALTER TABLE instruments ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0",
};

// Nothing was converted before.
constexpr const char* kConverted[] = {
    "ALTER TABLE positions ADD COLUMN rate INTEGER NOT NULL DEFAULT 1000000000 CHECK (rate > 0)",
    "ALTER TABLE positions ADD COLUMN rate_inverse INTEGER NOT NULL DEFAULT 0 CHECK (rate_inverse IN (0, 1))",
    "ALTER TABLE trading_transactions ADD COLUMN quoted_amount INTEGER NOT NULL DEFAULT 0",
    "UPDATE trading_transactions SET quoted_amount = purchase_amount",
};

// What accounts hold from before counts as held and traded since it last changed.
constexpr const char* kActions[] = {
    R"(CREATE TABLE booked_actions (
  broker_account_id INTEGER NOT NULL REFERENCES broker_accounts (broker_account_id),
  instrument_id INTEGER NOT NULL REFERENCES instruments (instrument_id),
  symbol TEXT NOT NULL,
  ex_date INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('split', 'dividend', 'delisting')),
  numerator INTEGER NOT NULL CHECK (numerator > 0),
  denominator INTEGER NOT NULL CHECK (denominator > 0),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  price INTEGER NOT NULL,
  before INTEGER NOT NULL,
  after INTEGER NOT NULL,
  cash INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  rate INTEGER NOT NULL CHECK (rate > 0),
  rate_inverse INTEGER NOT NULL CHECK (rate_inverse IN (0, 1)),
  skipped TEXT NOT NULL,
  journal_seq INTEGER NOT NULL REFERENCES journal (seq),
  time INTEGER NOT NULL,
  PRIMARY KEY (broker_account_id, instrument_id, ex_date, kind)
) STRICT)",
    R"(CREATE TABLE action_shares (
  broker_account_id INTEGER NOT NULL,
  instrument_id INTEGER NOT NULL,
  ex_date INTEGER NOT NULL,
  kind TEXT NOT NULL,
  holder TEXT NOT NULL CHECK (holder IN ('portfolio', 'service', 'external')),
  holder_id INTEGER NOT NULL,
  before INTEGER NOT NULL,
  after INTEGER NOT NULL,
  cash INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  PRIMARY KEY (broker_account_id, instrument_id, ex_date, kind, holder, holder_id),
  FOREIGN KEY (broker_account_id, instrument_id, ex_date, kind)
    REFERENCES booked_actions (broker_account_id, instrument_id, ex_date, kind)
) STRICT)",
    "ALTER TABLE positions ADD COLUMN held_since INTEGER",
    "ALTER TABLE positions ADD COLUMN traded_at INTEGER",
    "UPDATE positions SET held_since = updated_at, traded_at = updated_at",
};

constexpr const char* kAccess[] = {
    "ALTER TABLE users ADD COLUMN password_is_once INTEGER NOT NULL DEFAULT 0 CHECK (password_is_once IN (0, 1))",
    R"(CREATE TABLE sessions (
  session_id TEXT NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT NOT NULL,
  peer TEXT NOT NULL
) STRICT)",
    "CREATE INDEX sessions_of_user ON sessions (user_id)",
    R"(CREATE TABLE refresh_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
  session_id TEXT NOT NULL REFERENCES sessions (session_id),
  created_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT)",
    "CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id)",
    R"(CREATE TABLE api_keys (
  key_id INTEGER NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  hint TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE CHECK (length(key_hash) = 64),
  scope TEXT NOT NULL CHECK (scope IN ('read', 'trade', 'admin')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT)",
    "CREATE INDEX api_keys_of_user ON api_keys (user_id)",
    R"(CREATE TABLE idempotency_keys (
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  idempotency_key TEXT NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
  request_hash TEXT NOT NULL CHECK (length(request_hash) = 64),
  created_at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (user_id, idempotency_key)
) STRICT)",
    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
};

// Keys that read the feed of charts and nothing else.
constexpr const char* kFeedKeys[] = {
    "ALTER TABLE api_keys ADD COLUMN is_feed INTEGER NOT NULL DEFAULT 0 CHECK (is_feed IN (0, 1))",
};

// A job that runs is somebody's; one that has ended says when.
constexpr const char* kJobs[] = {
    R"(CREATE TABLE jobs (
  job_id INTEGER NOT NULL PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (user_id),
  type TEXT NOT NULL CHECK (type <> ''),
  parameters TEXT NOT NULL,
  unique_key TEXT CHECK (length(unique_key) BETWEEN 1 AND 64),
  priority INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'DEAD')),
  progress REAL CHECK (progress BETWEEN 0 AND 1),
  progress_text TEXT NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND most_attempts),
  most_attempts INTEGER NOT NULL CHECK (most_attempts > 0),
  most_seconds INTEGER NOT NULL CHECK (most_seconds > 0),
  next_try_at INTEGER NOT NULL,
  deadline INTEGER,
  cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1)),
  reason TEXT NOT NULL,
  worker TEXT NOT NULL,
  heartbeat INTEGER,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  result TEXT NOT NULL,
  log TEXT NOT NULL,
  CHECK ((state = 'RUNNING') = (worker <> '')),
  CHECK ((state IN ('QUEUED', 'RUNNING')) = (ended_at IS NULL))
) STRICT)",
    "CREATE INDEX jobs_due ON jobs (priority, job_id) WHERE state = 'QUEUED'",
    "CREATE INDEX jobs_running ON jobs (job_id) WHERE state = 'RUNNING'",
    R"(CREATE UNIQUE INDEX jobs_key ON jobs (owner_id, unique_key)
  WHERE unique_key IS NOT NULL AND state IN ('QUEUED', 'RUNNING'))",
    "CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL",
};

constexpr const char* kSecondFactors[] = {
    R"(CREATE TABLE second_factors (
  user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (user_id),
  secret TEXT NOT NULL CHECK (secret <> ''),
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  last_step INTEGER NOT NULL
) STRICT)",
    R"(CREATE TABLE recovery_codes (
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
  used_at INTEGER,
  PRIMARY KEY (user_id, code_hash)
) STRICT)",
};

// What clients are told of rows; room_changes.hpp.
constexpr const char* kChanges[] = {
    R"(CREATE TABLE changes (
  change_id INTEGER NOT NULL PRIMARY KEY,
  room TEXT NOT NULL CHECK (room <> ''),
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  payload TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  UNIQUE (room, sequence)
) STRICT)",
    "CREATE INDEX changes_by_age ON changes (made_at)",
    "ALTER TABLE outbox ADD COLUMN owner_id INTEGER REFERENCES users (user_id)",
};

// Orders of people are changed by being cancelled and made anew.
constexpr const char* kOrderChanges[] = {
    "ALTER TABLE orders ADD COLUMN replaces INTEGER REFERENCES orders (order_id)",
    "ALTER TABLE orders ADD COLUMN wanted_quantity INTEGER CHECK (wanted_quantity > 0)",
    "ALTER TABLE orders ADD COLUMN wanted_limit INTEGER",
    "ALTER TABLE orders ADD COLUMN wanted_stop INTEGER",
    "CREATE INDEX orders_of_portfolio ON orders (portfolio_id, order_id) WHERE portfolio_id IS NOT NULL",
};

constexpr const char* kPeoplesWords[] = {
    "ALTER TABLE trading_services ADD COLUMN removed_at INTEGER",
    R"(CREATE TABLE transaction_notes (
  note_id INTEGER NOT NULL PRIMARY KEY,
  transaction_id INTEGER NOT NULL REFERENCES trading_transactions (transaction_id),
  author TEXT NOT NULL,
  text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
  created_at INTEGER NOT NULL
) STRICT)",
    "CREATE INDEX notes_of_transaction ON transaction_notes (transaction_id, note_id)",
    R"(CREATE TABLE approvals (
  approval_id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind <> ''),
  payload TEXT NOT NULL,
  what TEXT NOT NULL,
  requested_by INTEGER NOT NULL REFERENCES users (user_id),
  requester TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('WAITING', 'APPROVED', 'REFUSED', 'EXPIRED')),
  decided_by INTEGER REFERENCES users (user_id),
  decider TEXT NOT NULL,
  decided_at INTEGER,
  note TEXT NOT NULL,
  CHECK ((state = 'WAITING') = (decided_at IS NULL)),
  CHECK (decided_by <> requested_by OR state = 'REFUSED')
) STRICT)",
};

constexpr const char* kRemovedPortfolios[] = {
    "ALTER TABLE portfolios ADD COLUMN removed_at INTEGER",
};

constexpr Migration kMigrations[] = {
    {.name = "users, instruments and portfolios", .statements = kPeople},
    {.name = "trading services and their transactions", .statements = kServices},
    {.name = "orders, fills and positions", .statements = kOrders},
    {.name = "the journal, money, the audit log and the holder", .statements = kJournal},
    {.name = "requests and the outbox", .statements = kRequests},
    {.name = "limits, kill switches and equity", .statements = kRisk},
    {.name = "what guards remember", .statements = kGuards},
    {.name = "instruments belong to the ledger", .statements = kInstrumentsOwned},
    {.name = "shares in other currencies than the account's", .statements = kConverted},
    {.name = "splits, dividends and delistings of what is held", .statements = kActions},
    {.name = "sessions, API keys and requests that may come twice", .statements = kAccess},
    {.name = "jobs", .statements = kJobs},
    {.name = "second factors of logins", .statements = kSecondFactors},
    {.name = "keys of the feed of charts", .statements = kFeedKeys},
    {.name = "what clients are told of rows", .statements = kChanges},
    {.name = "orders that take another's place", .statements = kOrderChanges},
    {.name = "notes, approvals, and services that are gone", .statements = kPeoplesWords},
    {.name = "portfolios that are gone", .statements = kRemovedPortfolios},
};

constexpr const core::RecordType* kTables[] = {
    &core::RecordOf<UserRow>::kType,           &core::RecordOf<InstrumentRow>::kType,
    &core::RecordOf<ExchangeRateRow>::kType,   &core::RecordOf<StrategyRow>::kType,
    &core::RecordOf<BrokerAccountRow>::kType,  &core::RecordOf<PortfolioRow>::kType,
    &core::RecordOf<ServiceRow>::kType,        &core::RecordOf<TransactionRow>::kType,
    &core::RecordOf<OrderRow>::kType,          &core::RecordOf<FillRow>::kType,
    &core::RecordOf<PositionRow>::kType,       &core::RecordOf<HoldingRow>::kType,
    &core::RecordOf<JournalRow>::kType,        &core::RecordOf<CashEntryRow>::kType,
    &core::RecordOf<FundingRow>::kType,        &core::RecordOf<AuditRow>::kType,
    &core::RecordOf<HolderRow>::kType,         &core::RecordOf<OrderRequestRow>::kType,
    &core::RecordOf<ServiceCommandRow>::kType, &core::RecordOf<OutboxRow>::kType,
    &core::RecordOf<RiskLimitRow>::kType,      &core::RecordOf<KillSwitchRow>::kType,
    &core::RecordOf<DailyPnlRow>::kType,       &core::RecordOf<EquitySnapshotRow>::kType,
    &core::RecordOf<GuardRow>::kType,          &core::RecordOf<BookedActionRow>::kType,
    &core::RecordOf<ActionShareRow>::kType,    &core::RecordOf<SessionRow>::kType,
    &core::RecordOf<RefreshTokenRow>::kType,   &core::RecordOf<ApiKeyRow>::kType,
    &core::RecordOf<IdempotencyKeyRow>::kType, &core::RecordOf<JobRow>::kType,
    &core::RecordOf<SecondFactorRow>::kType,   &core::RecordOf<RecoveryCodeRow>::kType,
    &core::RecordOf<ChangeRow>::kType,         &core::RecordOf<NoteRow>::kType,
    &core::RecordOf<ApprovalRow>::kType,
};

// What a fill moved is the sum of the entries of the portfolio or the service that it was booked to, in its currency.
constexpr View kViews[] = {
    {.name = "stocks",
     .select = "SELECT instrument_id AS id, symbol, name, is_active, sector, description FROM instruments"},
    {.name = "user_roles",
     .select = "SELECT user_id, username, email, role, CASE WHEN role = 'admin' THEN 1 ELSE 0 END AS is_admin, "
               "is_active, last_login FROM users"},
    {.name = "trades",
     .select = "SELECT t.transaction_id AS trade_id, t.service_id, s.portfolio_id, t.instrument_id, "
               "t.stock_symbol AS symbol, t.shares, t.purchase_price, t.sale_price, t.purchase_date, t.sale_date, "
               "t.gain_loss, t.net_gain_loss, t.fees FROM trading_transactions t "
               "JOIN trading_services s ON s.service_id = t.service_id WHERE t.state = 'CLOSED'"},
    {.name = "cash_balances",
     .select = "SELECT holder, holder_id, currency, CAST(sum(amount) AS BIGINT) AS amount, count(*) AS entries "
               "FROM cash_entries GROUP BY holder, holder_id, currency"},
    {.name = "transactions",
     .select =
         "SELECT p.portfolio_id, f.filled_at AS time, f.side AS kind, f.fill_id AS event, f.service_id, f.symbol, "
         "f.quantity, f.price, f.fee, p.currency, CAST(coalesce((SELECT sum(e.amount) FROM cash_entries e WHERE "
         "e.fill_id = f.fill_id AND e.holder IN ('portfolio', 'service') AND e.currency = p.currency), 0) AS "
         "BIGINT) AS amount, '' AS note FROM fills f JOIN orders o ON o.order_id = f.order_id "
         "LEFT JOIN trading_services s ON s.service_id = f.service_id "
         "JOIN portfolios p ON p.portfolio_id = coalesce(s.portfolio_id, o.portfolio_id) "
         "UNION ALL SELECT portfolio_id, time, CASE WHEN amount < 0 THEN 'withdrawal' ELSE 'deposit' END, "
         "funding_id, NULL, '', 0, 0, 0, currency, amount, note FROM fundings "
         "UNION ALL SELECT coalesce(s.portfolio_id, e.holder_id), e.time, b.kind, b.journal_seq, s.service_id, "
         "b.symbol, "
         "coalesce(a.before, 0), b.amount, 0, e.currency, e.amount, '' FROM booked_actions b "
         "JOIN cash_entries e ON e.journal_seq = b.journal_seq AND e.holder IN ('portfolio', 'service') "
         "LEFT JOIN action_shares a ON a.broker_account_id = b.broker_account_id AND a.instrument_id = b.instrument_id "
         "AND a.ex_date = b.ex_date AND a.kind = b.kind AND a.holder = e.holder AND a.holder_id = e.holder_id "
         "LEFT JOIN trading_services s ON e.holder = 'service' AND s.service_id = e.holder_id"},
};

constexpr Schema kSchema{
    .name = "ledger", .migrations = kMigrations, .tables = kTables, .verify = verify_ledger, .views = kViews};

}  // namespace

const Schema& ledger_schema() { return kSchema; }

}  // namespace argosy::ledger
