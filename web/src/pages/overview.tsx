import { PageHead } from "../app/shell";
export default function Overview() {
  return <PageHead title="Overview" />;
}
