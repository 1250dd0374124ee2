"""What api_bench.py measures the API against: the same two endpoints in FastAPI, over the same SQLite file with the same
PRAGMAs, as one would write them: models that are checked, a token whose signature and session are, sqlite3 of the standard
library. Run by uvicorn with two workers.

    API_BENCH_HOME=home uvicorn --app-dir bench --workers 2 --loop uvloop --http httptools api_peer:app
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import sqlite3
import threading
import time
from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Literal, Optional

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, Field

HOME = pathlib.Path(os.environ["API_BENCH_HOME"])
KEY = (HOME / "api.key").read_text().strip().encode()
BELIEVED_SECONDS = 0.5  # as auth/access.hpp has it

app = FastAPI()
local = threading.local()
believed: dict[str, tuple[float, int]] = {}


class Stock(BaseModel):
    id: int
    symbol: str
    name: str
    is_active: bool
    sector: str
    description: str


class Transaction(BaseModel):
    transaction_id: int
    service_id: int
    instrument_id: int
    stock_symbol: str
    shares: str
    state: str
    purchase_price: str
    sale_price: Optional[str]
    gain_loss: str
    net_gain_loss: str
    purchase_date: str
    sale_date: Optional[str]
    notes: str
    bought: str
    sold: str
    purchase_amount: str
    sale_amount: str
    fees: str
    currency_digits: int
    quoted_amount: str


class Meta(BaseModel):
    page: int
    per_page: int
    total: int
    pages: int


class Transactions(BaseModel):
    items: list[Transaction]
    meta: Meta


def database() -> sqlite3.Connection:
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(HOME / "ledger.db", isolation_level=None)
        local.connection.row_factory = sqlite3.Row
        for pragma in ("busy_timeout = 2000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            local.connection.execute(f"PRAGMA {pragma}")
    return local.connection


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def caller(authorization: Annotated[str, Header()]) -> int:
    head, _, signature = authorization.removeprefix("Bearer ").rpartition(".")
    if not hmac.compare_digest(decoded(signature), hmac.digest(KEY, head.encode(), "sha256")):
        raise HTTPException(401)
    claims = json.loads(decoded(head.split(".")[1]))
    if claims["aud"] != "argosy-api" or claims["exp"] < time.time():
        raise HTTPException(401)
    known = believed.get(claims["sid"])
    if known is None or known[0] < time.monotonic():
        row = database().execute("SELECT s.user_id FROM sessions s JOIN users u ON u.user_id = s.user_id WHERE "
                                 "s.session_id = ? AND s.ended_at IS NULL AND u.is_active = 1", (claims["sid"],)).fetchone()
        if row is None:
            raise HTTPException(401)
        known = believed[claims["sid"]] = (time.monotonic() + BELIEVED_SECONDS, row["user_id"])
    return known[1]


def decimal(units: Optional[int], digits: int) -> Optional[str]:
    if units is None:
        return None
    text = f"{abs(units):0{digits + 1}}"
    whole, part = text[:-digits], text[-digits:].rstrip("0")
    return ("-" if units < 0 else "") + whole + ("." + part if part else "")


def moment(nanoseconds: Optional[int]) -> Optional[str]:
    if nanoseconds is None:
        return None
    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


PRICE, QUANTITY, MONEY = 9, 9, 6


class OrderIn(BaseModel):
    symbol: str = Field(max_length=20)
    side: Literal["buy", "sell"]
    kind: Literal["market", "limit", "stop", "stop_limit"] = "market"
    time_in_force: Literal["gtc", "day", "ioc", "fok", "at_open", "at_close"] = "day"
    quantity: Decimal = Field(gt=0)
    limit_price: Decimal = Field(gt=0)


class Order(BaseModel):
    order_id: int
    symbol: str
    side: str
    kind: str
    time_in_force: str
    quantity: str
    limit_price: str
    state: str
    created_at: str


def own_database() -> sqlite3.Connection:
    """Of the peer's own orders, for the ledger's are numbered by the process that trades."""
    if not hasattr(local, "own"):
        local.own = sqlite3.connect(HOME / "peer.db", isolation_level=None)
        for pragma in ("busy_timeout = 10000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            local.own.execute(f"PRAGMA {pragma}")
        for table in ("orders (order_id INTEGER PRIMARY KEY, user_id INTEGER, symbol TEXT, side TEXT, kind TEXT, "
                      "time_in_force TEXT, quantity INTEGER, limit_price INTEGER, state TEXT, created_at INTEGER)",
                      "journal (seq INTEGER PRIMARY KEY, time INTEGER, kind TEXT, order_id INTEGER, payload TEXT)",
                      "audit_log (seq INTEGER PRIMARY KEY, time INTEGER, actor INTEGER, action TEXT, subject INTEGER)"):
            local.own.execute(f"CREATE TABLE IF NOT EXISTS {table} STRICT")
    return local.own


def shown(row: sqlite3.Row) -> Transaction:
    return Transaction(
        transaction_id=row["transaction_id"], service_id=row["service_id"], instrument_id=row["instrument_id"],
        stock_symbol=row["stock_symbol"], shares=decimal(row["shares"], QUANTITY), state=row["state"],
        purchase_price=decimal(row["purchase_price"], PRICE), sale_price=decimal(row["sale_price"], PRICE),
        gain_loss=decimal(row["gain_loss"], MONEY), net_gain_loss=decimal(row["net_gain_loss"], MONEY),
        purchase_date=moment(row["purchase_date"]), sale_date=moment(row["sale_date"]), notes=row["notes"],
        bought=decimal(row["bought"], QUANTITY), sold=decimal(row["sold"], QUANTITY),
        purchase_amount=decimal(row["purchase_amount"], MONEY), sale_amount=decimal(row["sale_amount"], MONEY),
        fees=decimal(row["fees"], MONEY), currency_digits=row["currency_digits"],
        quoted_amount=decimal(row["quoted_amount"], MONEY))


@app.get("/api/v1/stocks/{stock_id}")
def get_stock(stock_id: int, user: Annotated[int, Depends(caller)]) -> Stock:
    row = database().execute("SELECT * FROM stocks WHERE id = ?", (stock_id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return Stock(**{**row, "is_active": bool(row["is_active"])})


@app.get("/api/v1/transactions")
def list_transactions(user: Annotated[int, Depends(caller)], page: Annotated[int, Query(ge=1)] = 1,
                      per_page: Annotated[int, Query(ge=1, le=500)] = 50) -> Transactions:
    total = database().execute("SELECT count(*) FROM trading_transactions").fetchone()[0]
    rows = database().execute("SELECT * FROM trading_transactions ORDER BY transaction_id LIMIT ? OFFSET ?",
                              (per_page, (page - 1) * per_page)).fetchall()
    return Transactions(items=[shown(row) for row in rows],
                        meta=Meta(page=page, per_page=per_page, total=total, pages=max(1, -(-total // per_page))))


@app.post("/api/v1/orders", status_code=201)
def place_order(asked: OrderIn, user: Annotated[int, Depends(caller)]) -> Order:
    stock = database().execute("SELECT is_active FROM stocks WHERE symbol = ?", (asked.symbol,)).fetchone()
    cash = database().execute("SELECT cash FROM portfolios WHERE owner_id = ? AND is_default = 1", (user,)).fetchone()
    if stock is None or not stock["is_active"] or cash is None:
        raise HTTPException(404)
    if asked.quantity * asked.limit_price > Decimal(cash["cash"]).scaleb(-MONEY):
        raise HTTPException(409)
    own, now = own_database(), time.time_ns()
    own.execute("BEGIN IMMEDIATE")
    try:
        number = own.execute("INSERT INTO orders (user_id, symbol, side, kind, time_in_force, quantity, limit_price, state, "
                             "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending_submit', ?)",
                             (user, asked.symbol, asked.side, asked.kind, asked.time_in_force,
                              int(asked.quantity.scaleb(QUANTITY)), int(asked.limit_price.scaleb(PRICE)), now)).lastrowid
        own.execute("INSERT INTO journal (time, kind, order_id, payload) VALUES (?, 'order', ?, ?)",
                    (now, number, asked.model_dump_json()))
        own.execute("INSERT INTO audit_log (time, actor, action, subject) VALUES (?, ?, 'order.place', ?)", (now, user, number))
        own.execute("COMMIT")
    except BaseException:
        own.execute("ROLLBACK")
        raise
    return Order(order_id=number, symbol=asked.symbol, side=asked.side, kind=asked.kind, time_in_force=asked.time_in_force,
                 quantity=str(asked.quantity), limit_price=str(asked.limit_price), state="pending_submit",
                 created_at=moment(now))
