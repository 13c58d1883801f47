/** How long a server on this machine may take to list its models, ms. */
export const probeTimeoutMs = 500;
/** Longest list of models that is read. */
export const maxProbeBytes = 1024 * 1024;
/** Most models taken from one server. */
export const maxProbedModels = 1000;

/** The names of the models a server lists; `undefined`: nobody there, or no such server. */
export type Probe = (modelsUrl: string) => Promise<readonly string[] | undefined>;

/** Asks with GET and no credentials; a redirect is no answer. */
export const probeModels: Probe = async (modelsUrl) => {
  try {
    const response = await fetch(modelsUrl, { redirect: 'error', signal: AbortSignal.timeout(probeTimeoutMs) });
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    return modelNames(JSON.parse(await bounded(response)));
  } catch {
    return undefined; // whatever stands on the port, it is not for us
  }
};

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxProbeBytes) throw new RangeError('the list of models is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `{data: [{id}]}`, as OpenAI lists models. */
function modelNames(body: unknown): readonly string[] | undefined {
  const data: unknown = (body as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return undefined;
  const names = data.map((entry: unknown) => (entry as { readonly id?: unknown } | null)?.id);
  return names.every((name) => typeof name === 'string' && name !== '') ? (names as string[]).slice(0, maxProbedModels) : undefined;
}
