/** The page's look: the dashboard's colours and measures, both themes from the same names, and on paper without colour of the ground. */
export const auditStyle = `
:root{color-scheme:light dark;--ground:light-dark(#fbfbfa,#14171a);--text:light-dark(#1b2023,#e6e9ea);--quiet:light-dark(#57605f,#a1aab0);
--line:light-dark(#e2e4e0,#2b3136);--bar:light-dark(#1f5fa8,#7cb4f2);
--input:light-dark(#2f6fb3,#5b9bd8);--cacheRead:light-dark(#8fc7cf,#35707a);--cacheWrite:light-dark(#d9941f,#d79a35);
--reasoning:light-dark(#9a5aa6,#b780c2);--output:light-dark(#2f8f5b,#4aa877);
--system:light-dark(#2f6fb3,#5b9bd8);--tools:light-dark(#7a68b8,#9c8cd6);--history:light-dark(#9aa5a3,#66716f);--retrieved:light-dark(#1f8a8f,#45a7ab);
--toolResults:light-dark(#c07a12,#d39a45);--media:light-dark(#b2527c,#cc7d9f);--user:light-dark(#2f8f5b,#4aa877);--unknown:light-dark(#c9cdca,#3c4348);
font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font-variant-numeric:tabular-nums}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:16px;margin:36px 0 12px}
p{margin:0 0 8px}.quiet{color:var(--quiet)}
.strip{display:flex;height:20px;border-radius:6px;overflow:hidden;margin:8px 0 4px}
.strip span{min-width:1px}
table{border-collapse:collapse;width:100%;font-size:12px}
.scroll{overflow-x:auto}
th,td{text-align:right;height:32px;padding:0 10px;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;overflow-wrap:anywhere}
th{font-weight:600;color:var(--quiet)}
.key{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:8px}
.findings{list-style:none;margin:0;padding:0}
.findings>li{border-top:1px solid var(--line);padding:12px 0}
summary{cursor:pointer}
summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--bar);outline-offset:2px}
.head{display:inline-grid;grid-template-columns:96px 1fr;gap:12px;width:calc(100% - 24px);vertical-align:top}
.amount{text-align:right;font-weight:600}
.track{display:block;height:6px;margin-top:6px;border-radius:3px;background:var(--bar)}
.body{padding:12px 0 4px 24px}
.evidence{font-family:ui-monospace,'SF Mono','Cascadia Code','DejaVu Sans Mono',monospace;font-size:12px;overflow-wrap:anywhere}
footer{margin-top:40px;border-top:1px solid var(--line);padding-top:12px;color:var(--quiet);font-size:12px}
@media print{:root{color-scheme:light}main{max-width:none;padding:0}.findings>li,tr{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}.strip,.track,.key{print-color-adjust:exact}}
`;
