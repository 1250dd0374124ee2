// All portfolios, and what each is worth.
import { useState } from "react";
import { Link } from "react-router";
import type { Portfolio, PortfolioValue } from "../../api/types";
import { useMayTrade, useMe } from "../../app/auth";
import { usePortfolioValue, usePortfolios } from "../../app/rows";
import { PageHead } from "../../app/shell";
import { useRoom } from "../../live/live";
import { Button } from "../../ui/button";
import { Loaded, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { Badge, Money, Time } from "../../ui/values";
import { useUserNames } from "../records/lookups";
import { NewPortfolio } from "./money";
import "../records/records.css";

function Value({ row, of }: { row: Portfolio; of: (value: PortfolioValue) => string }) {
  const value = usePortfolioValue(row.portfolio_id);
  if (value.data) return <Money amount={of(value.data)} currency={row.currency} />;
  return <span className="soft">{value.isError ? "not known" : "…"}</span>;
}

export default function Portfolios() {
  const me = useMe();
  const mayTrade = useMayTrade();
  const users = useUserNames();
  const portfolios = usePortfolios();
  const [making, setMaking] = useState(false);
  useRoom("services");
  const columns: Column<Portfolio>[] = [
    {
      id: "name",
      title: "Portfolio",
      sort: (row) => row.name,
      cell: (row) => (
        <span className="row nowrap">
          <Link to={`/portfolios/${row.portfolio_id}`}>{row.name}</Link>
          {row.is_default && <Badge>default</Badge>}
        </span>
      ),
    },
    {
      id: "equity",
      title: "Worth",
      end: true,
      cell: (row) => (
        <strong>
          <Value row={row} of={(value) => value.equity} />
        </strong>
      ),
    },
    {
      id: "investment",
      title: "In shares",
      end: true,
      cell: (row) => <Value row={row} of={(value) => value.investment} />,
    },
    {
      id: "services",
      title: "Cash of services",
      end: true,
      cell: (row) => <Value row={row} of={(value) => value.services_cash} />,
    },
    { id: "cash", title: "Own cash", end: true, cell: (row) => <Money amount={row.cash} currency={row.currency} /> },
    {
      id: "money_market",
      title: "Parked",
      end: true,
      cell: (row) => <Money amount={row.money_market} currency={row.currency} />,
    },
    {
      id: "created_at",
      title: "Made",
      sort: (row) => row.created_at,
      cell: (row) => <Time at={row.created_at} style="date" />,
    },
  ];
  if (me.role === "admin")
    columns.splice(1, 0, {
      id: "owner_id",
      title: "Whose",
      sort: (row) => users.get(row.owner_id) ?? "",
      cell: (row) => users.get(row.owner_id) ?? row.owner_id,
    });
  return (
    <div className="stack">
      <PageHead title="Portfolios">
        {mayTrade && (
          <Button look="primary" onClick={() => setMaking(true)}>
            New portfolio
          </Button>
        )}
      </PageHead>
      <Panel title="Where the money is" flush>
        <Loaded query={portfolios} empty="There is no portfolio yet. Services take their money from one.">
          {(rows) => <Table label="All portfolios" rows={rows} columns={columns} rowKey={(row) => row.portfolio_id} />}
        </Loaded>
      </Panel>
      {making && <NewPortfolio onClose={() => setMaking(false)} />}
    </div>
  );
}
