/** Paths of Azure OpenAI told as OpenAI's own. */

/** The part after `/openai` without a version of its own: Azure's dated API. */
const dated = /^\/openai(?:\/deployments\/(?<deployment>[^/]+))?(?<rest>\/(?!v1\/).+)$/;
const ofADeployment = /^\/(?:chat\/completions|completions|embeddings)$/;

export interface AzurePath {
  readonly path: string;
  /** Stands for the model, whatever the body says. */
  readonly deployment?: string;
}

/** `undefined`: no path of Azure's, or one it does not serve. Its dated API wants `api-version`, and names the deployment in the paths of a model. */
export function azurePath(path: string, query: URLSearchParams): AzurePath | undefined {
  if (path.startsWith('/openai/v1/')) return { path: path.slice('/openai'.length) };
  const { deployment, rest } = dated.exec(path)?.groups ?? {};
  if (rest === undefined || !query.has('api-version')) return undefined;
  if ((deployment !== undefined) !== ofADeployment.test(rest)) return undefined;
  return { path: `/v1${rest}`, ...(deployment !== undefined && { deployment: decodeURIComponent(deployment) }) };
}
