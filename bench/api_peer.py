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
from typing import Annotated, Optional

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from pydantic import BaseModel

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
