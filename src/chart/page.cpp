#include "chart/page.hpp"

#include <string_view>
#include <utility>

#include "chart/markup.hpp"

namespace argosy::chart {
namespace {

// Gain and loss are a blue-green and an orange-red that people with any kind of colour blindness tell apart by hue or
// lightness; text colours keep a contrast of at least 4.5 to 1 on their ground.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--page:#fbfbf9;--raised:#f2f2ee;--text:#1b1d22;--soft:#595d66;--rule:#e0e0da;
--accent:#2554c7;--muted:#747780;--gain:#00705f;--loss:#b03a00;--gain-rgb:0 136 115;--loss-rgb:222 92 20;--heat:.62}
@media (prefers-color-scheme:dark){:root{--page:#14161a;--raised:#1d2026;--text:#e9e9e4;--soft:#a3a7b0;--rule:#2f333b;
--accent:#82aaff;--muted:#9a9ea8;--gain:#45c9b4;--loss:#f59a68;--gain-rgb:32 158 138;--loss-rgb:216 98 38;--heat:.7}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
.date{white-space:nowrap}
body{margin:0 auto;max-width:1180px;padding:28px 24px 56px;background:var(--page);color:var(--text);
font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,h3,p,ul,dl,figure{margin:0}
ul{padding:0;list-style:none}
.gain{color:var(--gain)}.loss{color:var(--loss)}.muted{color:var(--muted)}.accent{color:var(--accent)}
.empty{color:var(--soft);padding:12px 0}
.chart{container-type:inline-size;padding-right:62px}
.chart>svg{display:block;overflow:visible;font-size:12px}
svg text{fill:var(--soft);text-anchor:middle}
svg text.value{text-anchor:start}
svg text[text-anchor=start]{text-anchor:start}svg text[text-anchor=end]{text-anchor:end}
svg .grid{stroke:var(--rule)}svg .tick,svg .base{stroke:var(--muted)}
svg .grid,svg .tick,svg .base{stroke-width:1;shape-rendering:crispEdges}
svg .plot{overflow:hidden}
svg .line{fill:none;stroke:currentColor;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
svg .line.muted{stroke-width:1.35}
svg .dashed{stroke-dasharray:6 2.5;stroke-linecap:butt}
svg .area{fill:currentColor;fill-opacity:.16;stroke:none}
svg .link{stroke:currentColor;stroke-width:1.25;stroke-opacity:.75;vector-effect:non-scaling-stroke}
svg .bar{fill:currentColor;fill-opacity:.8}svg .bar:hover{fill-opacity:1}
svg .hover rect{fill:var(--text);fill-opacity:0}svg .hover rect:hover{fill-opacity:.1}
svg .dot{fill:currentColor;fill-opacity:.3;stroke:currentColor;stroke-opacity:.55}svg .dot.strong{fill-opacity:1;stroke:var(--page);stroke-opacity:1}
svg .thread{fill:none;stroke:currentColor;stroke-opacity:.28;vector-effect:non-scaling-stroke}svg .thread.strong{stroke-opacity:.9;stroke-width:1.6}
svg .thread:hover{stroke:var(--text);stroke-opacity:1;stroke-width:3}
svg text.over{paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}svg text.name{fill:var(--text);font-weight:600}
svg .mark{fill:currentColor;stroke:var(--page);stroke-width:1}
svg .medium,svg .narrow{display:none}
@container (max-width:760px){svg .wide{display:none}svg .medium{display:inline}}
@container (max-width:420px){svg .medium{display:none}svg .narrow{display:inline}}
.legend{display:flex;flex-wrap:wrap;gap:2px 22px;color:var(--soft);font-size:13px;margin:2px 0 6px}
.legend li{display:inline-flex;align-items:center;gap:7px}
.legend b{color:var(--text);font-weight:600}
.legend svg{flex:none;overflow:visible}
.scroll{overflow:auto;max-height:560px;margin-top:8px;border:1px solid var(--rule);border-radius:6px}
.sideways{overflow-x:auto}.sideways .heat{table-layout:auto}.sideways .heat th{padding:3px 5px}.sideways .heat td{min-width:46px}.sideways>svg{display:block;font-size:12px}
.rows{border-collapse:separate;border-spacing:0;width:100%;font-size:13px}
.rows th{position:sticky;top:0;background:var(--raised);color:var(--soft);font-weight:600;text-align:left;white-space:nowrap}
.rows th,.rows td{padding:6px 12px;border-bottom:1px solid var(--rule)}
.rows tr:last-child td{border-bottom:0}
.rows td{white-space:nowrap}
.rows tbody tr:hover{background:var(--raised)}
.rows .n{text-align:right}
.rows i{font-style:normal;font-size:9px;margin-right:5px;vertical-align:1px}
.heat{border-collapse:separate;border-spacing:2px;width:100%;table-layout:fixed;font-size:13px}
.heat th{color:var(--soft);font-weight:500;padding:3px 0}
.heat td{text-align:center;padding:6px 0;border-radius:3px;background:var(--raised);white-space:nowrap}
.heat td.total{background:none;font-weight:600}
.heat .short{display:none}.heat th{white-space:nowrap}
.heat .g1{background:rgb(var(--gain-rgb)/calc(var(--heat)*.15))}.heat .g2{background:rgb(var(--gain-rgb)/calc(var(--heat)*.35))}
.heat .g3{background:rgb(var(--gain-rgb)/calc(var(--heat)*.55))}.heat .g4{background:rgb(var(--gain-rgb)/calc(var(--heat)*.75))}
.heat .g5{background:rgb(var(--gain-rgb)/var(--heat))}
.heat .l1{background:rgb(var(--loss-rgb)/calc(var(--heat)*.15))}.heat .l2{background:rgb(var(--loss-rgb)/calc(var(--heat)*.35))}
.heat .l3{background:rgb(var(--loss-rgb)/calc(var(--heat)*.55))}.heat .l4{background:rgb(var(--loss-rgb)/calc(var(--heat)*.75))}
.heat .l5{background:rgb(var(--loss-rgb)/var(--heat))}
@media screen and (max-width:720px){body{padding:18px 16px 40px}
.heat .full{display:none}.heat .short{display:inline}.heat{font-size:10.5px;border-spacing:1px}.heat td{padding:5px 0}.heat th:first-child,.heat .total{width:34px}
.scroll{max-height:none;border:0;border-radius:0}
.rows,.rows tbody{display:block}.rows thead{display:none}
.rows tr{display:grid;grid-template-columns:1fr 1fr;gap:2px 20px;padding:10px 0;border-bottom:1px solid var(--rule)}
.rows td,.rows td.n{display:flex;justify-content:space-between;align-items:baseline;gap:10px;padding:1px 0;border:0;white-space:normal;text-align:right}
.rows td::before{color:var(--soft);flex:none;margin-right:auto}.rows td i{margin-right:-5px}}
@media screen and (max-width:480px){.heat .total~.total,.unless-narrow{display:none}}
@media print{:root{--page:#fff;--raised:#f4f4f1;--text:#000;--soft:#444;--rule:#d5d5d0;--accent:#2554c7;--muted:#6b6e76;
--gain:#00705f;--loss:#b03a00;--gain-rgb:0 136 115;--loss-rgb:222 92 20;--heat:.62}
body{max-width:none;padding:0;font-size:10.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.scroll{max-height:none;overflow:visible}.rows{font-size:8.5pt}.rows th,.rows td{padding:2px 5px;white-space:normal}.rows th{position:static}
.chart,.heat,.rows tr{break-inside:avoid}}
)css";

// The shapes that charts place as markers; around (0, 0), with the tip of an arrow head at its point.
constexpr std::string_view kShapes =
    R"(<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>)"
    R"(<path id="mark-up" d="M0 2 6 13H-6Z"/><path id="mark-down" d="M0-2 6-13H-6Z"/>)"
    R"(<path id="mark-cross" d="M-5-14.5 0-9.5 5-14.5 7-12.5 2-7.5 7-2.5 5-.5 0-5.5-5-.5-7-2.5-2-7.5-7-12.5Z"/></defs></svg>)";

}  // namespace

std::string render_page(const Page& page) {
  Markup html;
  html.raw("<!DOCTYPE html>\n").open("html", {{"lang", "en"}}).open("head");
  html.leaf("meta", {{"charset", "utf-8"}});
  html.leaf("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}});
  html.leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  html.element("title", {}, page.title);
  html.open("style").raw(kStyle).raw(page.style).close().close().raw("\n");
  html.open("body").raw(page.body).raw("\n").raw(kShapes).close().close().raw("\n");
  return std::move(html).take();
}

}  // namespace argosy::chart
