import type { Call, Members } from '../../core/call.ts';
import { jsonBytes } from '../../core/json.ts';
import { headerOf } from '../../core/reply.ts';

/** How a cloud wants the bodies of Anthropic's messages, which otherwise are the vendor's own. */
interface AnthropicForm {
  /** Stands in the body, in place of the header. */
  readonly version: string;
  /** Keys that stand in the path there, and are refused in the body. */
  readonly inPath: readonly string[];
  /** Betas stand in the body; else they stay a header. */
  readonly betasInBody: boolean;
}

export const vertexForm: AnthropicForm = { version: 'vertex-2023-10-16', inPath: ['model'], betasInBody: false };
/** Vertex counts tokens at one path for all models. */
export const vertexCountForm: AnthropicForm = { version: 'vertex-2023-10-16', inPath: [], betasInBody: false };
export const bedrockForm: AnthropicForm = { version: 'bedrock-2023-05-31', inPath: ['model', 'stream'], betasInBody: true };

/** The call with its body in a cloud's form; every other byte is kept. `headers`: the client's, raw. */
export function inForm(call: Call, { version, inPath, betasInBody }: AnthropicForm, headers: readonly string[]): Call {
  const betas = betasInBody ? headerOf(headers, 'anthropic-beta') : undefined;
  const members: Members = {
    ...Object.fromEntries(inPath.map((key) => [key, undefined])),
    anthropic_version: jsonBytes(version),
    ...(betas !== undefined && {
      anthropic_beta: jsonBytes(
        betas
          .split(',')
          .map((beta) => beta.trim())
          .filter((beta) => beta !== ''),
      ),
    }),
  };
  return call.withJson(members);
}
