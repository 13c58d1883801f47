/** A configuration to begin with: what is most often set, and its defaults. */
export const template = `# Configuration of Modicum. Every line that is commented out shows a default or an example.
# All options: docs/reference/config.md; \`modicum config check\` reads this file as the gateway would.

# server:
#   host: 127.0.0.1
#   port: 4000

# Journal, ledger and bodies, relative to this file.
# dataDir: .modicum

# Without \`providers\`, keys in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY ...) and servers
# on this machine (Ollama, vLLM, llama.cpp, LM Studio) are found at start. With \`providers\`, only these serve.
# Without apiKey, the client's own credentials go on to the provider.
# providers:
#   openai:
#     protocol: openai
#     baseUrl: https://api.openai.com/v1
#     apiKey: \${OPENAI_API_KEY}
#   anthropic:
#     protocol: anthropic
#     baseUrl: https://api.anthropic.com
#     apiKey: \${ANTHROPIC_API_KEY}
#   google:
#     protocol: google
#     baseUrl: https://generativelanguage.googleapis.com
#     apiKey: \${GEMINI_API_KEY}
#   local:
#     protocol: openai
#     baseUrl: http://127.0.0.1:11434/v1

# Names of your own. A model without an entry is found by the catalog, or as provider/model.
# Prices are USD per million tokens, for models that nobody lists.
# models:
#   fast:
#     provider: local
#     model: llama3.3
#     prices: { input: 0, output: 0 }

# When a client leaves: cancel stops the provider and estimates the output; drain reads on to the usage.
# onClientAbort: cancel

# ledger:
#   retentionDays: 400
#   bodies:
#     store: "off"

# logging:
#   level: info
#   format: auto
`;
