/// What does not depend on the snapshots.
enum Page {
  static let style: HTML = """
    :root { color-scheme: light dark; --text: #1c2024; --soft: #5b646d; --line: #d5dadf;
      --back: #fff; --panel: #f5f7f9; --c0: #0b5cad; --c1: #a84300; --c2: #11713f; --c3: #7b3f9d;
      --c4: #8a1538; --c5: #4d5358; --good: #11713f; --bad: #a4001d; --doubt: #7a5400; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6e9ec; --soft: #a3adb6; --line: #3a424a;
      --back: #14181c; --panel: #1d2329; --c0: #6db3f8; --c1: #f79b5a; --c2: #62d295; --c3: #cc97ec;
      --c4: #f58ba8; --c5: #b6bec5; --good: #62d295; --bad: #ff8a93; --doubt: #f0c060; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 84rem; padding: 0 1rem 3rem; background: var(--back);
      color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
    h1 { font-size: 1.5rem; margin: 1rem 0 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .3rem; }
    h3 { font-size: 1rem; margin: 1rem 0 .3rem; } p { margin: .2rem 0 .8rem; color: var(--soft); }
    .charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); }
    figure { margin: 0; padding: .6rem; background: var(--panel); border-radius: .4rem; min-width: 0; }
    figcaption { font-weight: 600; overflow-wrap: anywhere; }
    svg.chart { display: block; width: 100%; height: auto; }
    .tick, .label { fill: var(--soft); font-size: 11.5px; } .label { font-size: 12.5px; }
    .grid { stroke: var(--line); fill: none; stroke-width: .7; } .axis { stroke: var(--soft); fill: none; }
    .diagonal, .reference { stroke: var(--soft); fill: none; stroke-dasharray: 3 3; }
    .line { fill: none; stroke-width: 1.8; } .interval { fill: none; stroke-width: 1; }
    .bars .interval { stroke: var(--text); } .matrix th, .matrix td { padding: .2rem .3rem; font-size: .78rem; }
    .mark { stroke-width: 1.4; } .bar { fill: var(--c0); } .mark.hollow { fill: var(--panel) !important; }
    .s0 { stroke: var(--c0); } .mark.s0 { fill: var(--c0); }
    .s1 { stroke: var(--c1); } .mark.s1 { fill: var(--c1); } .line.s1 { stroke-dasharray: 7 3; }
    .s2 { stroke: var(--c2); } .mark.s2 { fill: var(--c2); } .line.s2 { stroke-dasharray: 2 3; }
    .s3 { stroke: var(--c3); } .mark.s3 { fill: var(--c3); } .line.s3 { stroke-dasharray: 9 3 2 3; }
    .s4 { stroke: var(--c4); } .mark.s4 { fill: none; } .line.s4 { stroke-dasharray: 4 2; }
    .s5 { stroke: var(--c5); } .mark.s5 { fill: none; } .line.s5 { stroke-dasharray: 1 2; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .3rem 0 0; padding: 0; }
    .sample { width: 30px; height: 12px; vertical-align: middle; }
    .wide { margin: 0 0 1rem; overflow-x: auto; max-height: 34rem; overflow-y: auto; border: 1px solid var(--line); border-radius: .4rem; }
    table { border-collapse: collapse; width: 100%; font-size: .88rem; }
    th, td { padding: .25rem .6rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
    td:last-child { white-space: normal; } td:last-child:not(.n) { min-width: 18rem; } tbody th { font-weight: 500; }
    thead th { position: sticky; top: 0; background: var(--panel); } .n { text-align: right; font-variant-numeric: tabular-nums; }
    th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--c0); }
    th[aria-sort=ascending] button::after { content: ' ↑'; } th[aria-sort=descending] button::after { content: ' ↓'; }
    small { color: var(--soft); } tfoot th, tfoot td { font-weight: 700; }
    .badge { font-weight: 600; white-space: nowrap; } .pass { color: var(--good); } .fail { color: var(--bad); }
    .undecided { color: var(--doubt); } summary { cursor: pointer; font-weight: 600; padding: .4rem 0; }
    .filter { display: inline-block; margin: 0 0 .5rem; } input { font: inherit; padding: .2rem .4rem; max-width: 100%; }
    """

  /// Sorts and filters tables; says how many errors there were where a test can read it.
  static let script: HTML = """
    'use strict';
    document.documentElement.dataset.errors = 0;
    addEventListener('error', () => document.documentElement.dataset.errors++);
    for (const table of document.querySelectorAll('table.sortable')) {
      const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        const button = document.createElement('button');
        button.textContent = head.textContent;
        head.replaceChildren(button);
        button.onclick = () => {
          const falling = head.getAttribute('aria-sort') === 'ascending';
          heads.forEach(other => other.removeAttribute('aria-sort'));
          head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
          const key = row => row.cells[column].textContent.trim();
          const number = text => parseFloat(text.replace('−', '-').replace(/^[▲▼=] /, ''));
          const rows = [...body.rows].sort((one, two) => {
            const [a, b] = [key(one), key(two)], [x, y] = [number(a), number(b)];
            if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
            const order = Number.isNaN(x) ? a.localeCompare(b) : x - y;
            return falling ? -order : order;
          });
          body.append(...rows);
        };
      });
    }
    for (const input of document.querySelectorAll('[data-filter]')) {
      const rows = document.getElementById(input.dataset.filter).tBodies[0].rows;
      input.oninput = () => {
        const words = input.value.toLowerCase().split(/\\s+/);
        for (const row of rows) {
          const name = row.cells[0].textContent.toLowerCase();
          row.hidden = !words.every(word => name.includes(word));
        }
      };
    }
    document.documentElement.dataset.ready = 1;
    """
}
