// A QR code, drawn here: the secret in it leaves nothing of this page.
import { encode } from "uqr";
import { kQrMargin, qrPath } from "./words";

export default function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 0, ecc: "M" });
  const width = size + 2 * kQrMargin;
  return (
    <svg className="qr" viewBox={`0 0 ${width} ${width}`} role="img" aria-label={label} shapeRendering="crispEdges">
      {/* Dark on light in both themes: not every authenticator reads it the other way round. */}
      <rect width={width} height={width} fill="#ffffff" />
      <path d={qrPath(data)} fill="#000000" />
    </svg>
  );
}
