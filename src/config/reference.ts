import { localServers } from './discover.ts';
import { optionTree, type JsonSchema } from './json-schema.ts';
import { configNames } from './load.ts';
import { probeTimeoutMs } from './probe.ts';
import { maxConfigBytes } from './source.ts';
import { vendors } from './vendors.ts';

/** The reference of every option, in Markdown, made from the schema. */
export function configReference(): string {
  const root = optionTree();
  const single = Object.entries(root.properties ?? {}).filter(([, node]) => !hasOptions(node));
  const groups = Object.entries(root.properties ?? {}).filter(([, node]) => hasOptions(node));
  return `${[
    intro(),
    '## Single options',
    table(single.flatMap(([key, node]) => rowsOf(key, node, false))),
    ...groups.flatMap(([key, node]) => [`## \`${key}\``, node.description ?? '', table(insideOf(key, node))]),
    discovery(),
    resolution(),
  ].join('\n\n')}\n`;
}

const hasOptions = (node: JsonSchema): boolean => node.properties !== undefined || Boolean(node.additionalProperties);

interface Row {
  readonly path: string;
  readonly type: string;
  readonly default: string;
  readonly unit: string;
  readonly meaning: string;
}

function rowsOf(path: string, node: JsonSchema, required: boolean): readonly Row[] {
  const row: Row = {
    path: `\`${path}\``,
    type: typeOf(node),
    default: required ? 'required' : defaultOf(node),
    unit: node.unit ?? '',
    meaning: node.description ?? '',
  };
  return [row, ...insideOf(path, node)];
}

function insideOf(path: string, { properties = {}, required = [], additionalProperties }: JsonSchema): readonly Row[] {
  const named = Object.entries(properties).flatMap(([key, child]) => rowsOf(`${path}.${key}`, child, required.includes(key)));
  return additionalProperties ? [...named, ...rowsOf(`${path}.<name>`, additionalProperties, false)] : named;
}

function typeOf(node: JsonSchema): string {
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (hasOptions(node)) return node.properties ? 'group' : 'group by name';
  if (node.anyOf) return 'number or decimal text';
  if (node.type === 'array') return 'list of texts';
  if (node.type === 'integer') return `whole number${rangeOf(node)}`;
  if (node.type === 'boolean') return '`true`, `false`';
  return node.format === 'uri' ? 'URL' : 'text';
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const above = minimum === undefined ? '' : ` from ${minimum}`;
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? above : `${above} to ${maximum}`;
}

function defaultOf(node: JsonSchema): string {
  if (node.default === undefined || hasOptions(node)) return '';
  return `\`${typeof node.default === 'string' ? node.default : JSON.stringify(node.default)}\``;
}

const table = (rows: readonly Row[]): string =>
  [
    '| Option | Type | Default | Unit | Meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${[row.path, row.type, row.default, row.unit, row.meaning].map(cell).join(' | ')} |`),
  ].join('\n');

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

const intro = (): string => `# Configuration

Generated from \`src/config/schema.ts\` by \`npm run docs\`; do not edit.

Modicum runs without a configuration. With one, it is the file given with \`--config\`, or the first of ${configNames.map((name) => `\`${name}\``).join(', ')} in the working folder. YAML and JSON are read as data; a module exports the configuration, or a function that returns it, as its default. A file may have at most ${maxConfigBytes} bytes. An unknown option is an error, and all errors are listed at once with line and column.

- **Order.** Defaults, then the file, then options of the command line.
- **Variables.** \`\${VAR}\` in any text is replaced by the environment variable, which must be set; \`\${VAR:-default}\` takes the default when it is unset or empty; \`$\${\` is a literal \`\${\`. Numbers and switches can be variables too. What a variable holds is not looked at again.
- **Secrets.** Write the name of a variable, a file or a command, not the key. \`modicum config print\` and error messages show no secret.
- **Reload.** A changed file is checked, then takes effect for new calls. With an error in it, or gone, the gateway goes on with what it has and says which line is wrong. \`server.host\`, \`server.port\` and \`dataDir\` take effect at the next start.
- **Editors.** \`docs/reference/config.schema.json\` is the JSON Schema, also printed by \`modicum config schema\`. In YAML: \`# yaml-language-server: $schema=<path>\`; in JSON: \`"$schema": "<path>"\`.`;

const discovery = (): string => `## Discovery

Without \`providers\` in a file, the gateway looks for them when it starts:

- A vendor whose key stands in the environment is a provider with that key.
- A server on this machine that answers \`GET /v1/models\` within ${probeTimeoutMs} ms is a self-hosted provider with the models it lists: ${localServers.map(({ name, port }) => `\`${name}\` on port ${port}`).join(', ')}.
- When either is found, \`openai\`, \`anthropic\` and \`google\` are providers too; where there is no key, the client's own credentials go on to the vendor.
- When neither is found, only the emulator serves. To pass credentials on without any key here, list the vendor under \`providers\` without \`apiKey\`.

With \`providers\` in a file only those serve. A base URL variable that leads back to this gateway, set there for clients, is not followed.

| Provider | API | Base URL | Key variable | Base URL variable | Prices |
| --- | --- | --- | --- | --- | --- |
${vendors
  .map(({ name, protocol, baseUrl, keyVariables, baseUrlVariable, prices }) =>
    [
      `\`${name}\``,
      protocol,
      baseUrl,
      keyVariables.map((key) => `\`${key}\``).join(', '),
      baseUrlVariable ? `\`${baseUrlVariable}\`` : '',
      `\`${prices}\``,
    ].join(' | '),
  )
  .map((row) => `| ${row} |`)
  .join('\n')}`;

const resolution = (): string => `## Which provider serves a model

The first of these that fits, among providers that speak the API of the request:

1. an entry of \`models\` with this name; it is final;
2. \`provider/model\`, where the part before the first slash names a provider;
3. the vendor of the model in the price catalog: the provider of that name, or one with that \`prices\`;
4. a provider that lists the model under \`models\`;
5. the first provider in the file that may serve it. A provider with the prices of a vendor that offers only its own models (${vendors
  .filter(({ serves }) => serves === 'own')
  .map(({ prices }) => `\`${prices}\``)
  .join(', ')}) is not asked for a model known as another's, and a known reseller only when the vendor itself is not there.

A provider with a list of \`models\` serves only these. When only a provider of another API could serve the model, the error names it and the route to use.`;
