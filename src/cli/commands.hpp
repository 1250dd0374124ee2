// Every command, in the order of `argosy --help`; each is defined in the file of its name.
#pragma once

#include "cli/command.hpp"

namespace argosy::cli {

void add_init(CLI::App& parent, Globals& globals);       // init.cpp
void add_data(CLI::App& parent, Globals& globals);       // data.cpp: import, list, show, check, export, ...
void add_formula(CLI::App& parent, Globals& globals);    // formula.cpp: list, explain, eval, plan
void add_backtest(CLI::App& parent, Globals& globals);   // backtest.cpp
void add_run(CLI::App& parent, Globals& globals);        // run.cpp: list, show, repeat, compare, remove
void add_optimize(CLI::App& parent, Globals& globals);   // optimize.cpp
void add_study(CLI::App& parent, Globals& globals);      // study.cpp: list, show, remove
void add_strategy(CLI::App& parent, Globals& globals);   // strategy.cpp: check, schema, save, ...
void add_stock(CLI::App& parent, Globals& globals);      // stock.cpp: list, show, set, prices
void add_rate(CLI::App& parent, Globals& globals);       // rate.cpp: import, list, show, set
void add_user(CLI::App& parent, Globals& globals);       // user.cpp: create, list, disable, enable, reset-password
void add_service(CLI::App& parent, Globals& globals);    // service.cpp: create, list, show, start, pause, stop, ...
void add_order(CLI::App& parent, Globals& globals);      // order.cpp: list, show, cancel, cancel-all
void add_portfolio(CLI::App& parent, Globals& globals);  // portfolio.cpp: list, show, fund, withdraw
void add_risk(CLI::App& parent, Globals& globals);       // risk.cpp: show, set, kill, release
void add_health(CLI::App& parent, Globals& globals);     // health.cpp
void add_fees(CLI::App& parent, Globals& globals);       // fees.cpp: list, quote
void add_limits(CLI::App& parent, Globals& globals);     // limits.cpp: list, show, check
void add_job(CLI::App& parent, Globals& globals);        // job.cpp: add, list, show, cancel, retry
void add_db(CLI::App& parent, Globals& globals);         // db.cpp: migrate, schema, backup, restore, verify
void add_serve(CLI::App& parent, Globals& globals);      // serve.cpp
void add_api(CLI::App& parent, Globals& globals);        // api_documents.cpp: openapi, asyncapi
void add_simulate(CLI::App& parent, Globals& globals);   // simulate.cpp
void add_backup(CLI::App& parent, Globals& globals);     // backup.cpp: of the whole home, and its restore
void add_config(CLI::App& parent, Globals& globals);     // config.cpp: show, check, schema, reference

}  // namespace argosy::cli
