/// The style of the page: a readable measure, quiet colours, and a form for paper.
enum Stylesheet {
  static let text = """
    :root { --ink: #1c1c1e; --soft: #5a5a62; --rule: #d8d8de; --paper: #fff; --accent: #0b4f82;
      --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, "Liberation Serif", serif;
      --sans: system-ui, "Segoe UI", Helvetica, Arial, "Liberation Sans", sans-serif; }
    * { box-sizing: border-box; }
    html { font-size: 112.5%; }
    body { margin: 0 auto; padding: 3rem 1.25rem 5rem; max-width: 46rem; color: var(--ink); background: var(--paper);
      font: 1rem/1.55 var(--serif); font-variant-numeric: lining-nums; }
    header { border-bottom: 2px solid var(--ink); margin-bottom: 2rem; padding-bottom: 1rem; }
    h1 { font-size: 2.1rem; line-height: 1.15; margin: 0 0 .5rem; text-wrap: balance; }
    h2 { font-size: 1.4rem; line-height: 1.25; margin: 3rem 0 .75rem; }
    h3 { font: 600 .95rem/1.4 var(--sans); margin: 1.75rem 0 .5rem; }
    p { margin: 0 0 .9rem; text-wrap: pretty; }
    a { color: var(--accent); text-underline-offset: .15em; }
    .subtitle { color: var(--soft); font-size: 1.1rem; margin: 0; }
    .summary { padding-left: 1.5rem; }
    .summary li { margin-bottom: .55rem; padding-left: .25rem; }
    .summary a { font: .8rem var(--sans); white-space: nowrap; }
    figure { margin: 2.25rem 0 2.75rem; }
    figure h3 { margin-top: 0; }
    .picture { overflow-x: auto; }
    .picture svg { display: block; width: 100%; min-width: 30rem; height: auto; }
    .conclusion { margin: .75rem 0 .4rem; }
    .note { color: var(--soft); font: .8rem/1.5 var(--sans); margin: .25rem 0 0; }
    .missing, .warning { border-left: 4px solid #d55e00; background: #fdf3ec; padding: .75rem 1rem;
      font: .9rem/1.5 var(--sans); }
    .table { overflow-x: auto; margin: 1.25rem 0 1.75rem; }
    table { border-collapse: collapse; width: 100%; font: .78rem/1.4 var(--sans);
      font-variant-numeric: tabular-nums lining-nums; border-bottom: 1.5px solid var(--ink); }
    caption { text-align: left; font-weight: 600; font-size: .95rem; padding-bottom: .5rem; }
    th { text-align: left; font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--ink);
      border-top: 1.5px solid var(--ink); }
    th, td { padding: .3rem .45rem; }
    th:first-child, td:first-child { padding-left: 0; }
    th:last-child, td:last-child { padding-right: 0; }
    td { white-space: nowrap; }
    .number { text-align: right; }
    .group th { border: 0; border-top: 1px solid var(--rule); padding-top: .7rem; color: var(--soft); }
    .group:first-child th { border-top: 0; }
    details { border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); margin: 1.5rem 0; padding: .6rem 0; }
    summary { color: var(--accent); cursor: pointer; font: 600 .85rem/1.5 var(--sans); }
    details[open] > summary { margin-bottom: 1rem; }
    dl { display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; gap: .35rem 1.25rem; margin: 0 0 1rem; }
    dt { color: var(--soft); font: .85rem/1.65 var(--sans); overflow-wrap: anywhere; }
    dd { margin: 0; overflow-wrap: anywhere; }
    .formula { font-style: italic; }
    sub { font-size: .72em; line-height: 0; }
    code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
    .note code { font-size: 1em; }
    pre { background: #f5f5f7; padding: .85rem 1rem; overflow-x: auto; line-height: 1.5; white-space: pre-wrap; }
    @media (max-width: 40rem) { html { font-size: 100%; } dl { grid-template-columns: 1fr; gap: 0; }
      dd { margin-bottom: .6rem; } }
    @media print {
      @page { size: A4; margin: 20mm 18mm; }
      html { font-size: 10pt; }
      body { max-width: none; padding: 0; }
      a { color: inherit; text-decoration: none; }
      h2, h3, h2 + p { break-after: avoid; }
      section > p { break-inside: avoid; break-after: avoid; }
      figure, .table, pre, dl > * { break-inside: avoid; }
      .picture, .table, pre { overflow: visible; }
      .picture svg { min-width: 0; width: 150mm; max-height: 215mm; margin: 0 auto; }
      pre { background: none; border: 1px solid var(--rule); }
      .files { display: none; }
      td { white-space: normal; }
    }
    """
}
