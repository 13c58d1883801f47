import { auditStyle } from './audit/style.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What stands in logs is anybody's text. */
export const escaped = (plain: string): string => plain.replace(/[&<>"']/g, (character) => entities[character]!);

/** A page that asks for nothing else: no script, no font, no picture. `body` is HTML, `title` is not. */
export const selfContainedPage = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${auditStyle}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

/** A table that scrolls by itself where it is too wide. `rows` are HTML. */
export const grid = (caption: string, titles: readonly string[], rows: readonly string[]): string =>
  `<div class="scroll" role="region" tabindex="0" aria-label="${escaped(caption)}"><table>
<thead><tr>${titles.map((title) => (title === '' ? '<td></td>' : `<th scope="col">${escaped(title)}</th>`)).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
