/** The pages' look: Lockstep's colours, light and dark, from a phone to a wide screen. */
export const style = `
:root { color-scheme: light dark; --ink: #1d242a; --dim: #5d6a70; --paper: #f7f9f9; --surface: #fff; --line: #dfe5e5; --link: #17595c; --mark: #dcecea; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dbe2e4; --dim: #94a1a6; --paper: #101519; --surface: #161d22; --line: #2b363d; --link: #8bc4bd; --mark: #0f4548; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; padding: 12px 24px; background: var(--surface); border-bottom: 1px solid var(--line); }
.home { font-weight: 620; color: var(--ink); text-decoration: none; }
.hint { color: var(--dim); font-size: 13px; }
main { max-width: 1200px; margin: 0 auto; padding: 24px; }
h1 { font-size: 22px; font-weight: 620; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.bar { display: flex; flex-wrap: wrap; gap: 12px 24px; justify-content: space-between; align-items: center; margin-bottom: 16px; }
form { display: flex; gap: 8px; }
input, button { font: inherit; color: inherit; min-height: 36px; padding: 4px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
input { min-width: 0; width: 260px; }
input::placeholder { color: var(--dim); opacity: 1; }
button { cursor: pointer; background: var(--link); border-color: var(--link); color: var(--surface); }
.frame { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 8px 16px; text-align: start; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: 13px; font-weight: 560; color: var(--dim); white-space: nowrap; }
td { overflow-wrap: anywhere; min-width: 90px; }
.end { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.headers th[scope="row"] { font-weight: 560; white-space: nowrap; }
.headers td { font-family: ui-monospace, "SF Mono", "Noto Sans Mono", monospace; font-size: 13px; }
.pager { display: flex; flex-wrap: wrap; gap: 16px; margin-top: 16px; color: var(--dim); }
.bar .pager { margin: 0; }
.pager a, .tabs a { display: inline-block; min-height: 24px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0 0 16px; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.tabs { display: flex; gap: 4px; border-bottom: 1px solid var(--line); margin-bottom: 16px; overflow-x: auto; }
.tabs a { padding: 6px 12px; white-space: nowrap; text-decoration: none; color: var(--dim); border-bottom: 2px solid transparent; }
.tabs a[aria-current] { color: var(--ink); border-bottom-color: var(--link); font-weight: 560; }
.mail { width: 100%; height: 75vh; min-height: 400px; border: 1px solid var(--line); border-radius: 8px; background: #fff; color-scheme: light; }
pre { margin: 0; padding: 16px; overflow: auto; max-height: 75vh; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; font: 13px/1.5 ui-monospace, "SF Mono", "Noto Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.source { white-space: pre; }
.empty { padding: 48px 24px; text-align: center; color: var(--dim); background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40em) { .wide { display: none; } td { min-width: 0; } time { white-space: normal; } main { padding: 16px; } header { padding: 12px 16px; } th, td { padding: 8px; } form, input { width: 100%; } }
`;
