/**
 * The shim of this adapter: `node serve.mjs 1.0.4|1.71.0` answers the harness with that version's model router.
 *
 * With STREAMCHUNK_TRACE=FILE it writes what the router was asked, and gave, to that file, line by line.
 */

// First of all: the shim keeps the fetch that it finds.
import { forgetKeys, NETLIFY } from './loopback.mjs'

import { createRequire } from 'node:module'
import process from 'node:process'

import { installFetch, serve } from '../../../harness/drivers/shims/typescript/src/index.js'

const version = process.argv[2]
installFetch() // before the SDKs are loaded, which keep the fetch that they find

const router = await import(`mastra-core-${version}/llm`)
const { MastraTextAdapter } = await import('./dist/adapter.js')
const { needingApproval } = await import('./dist/approvals.js')
const { convertToAISDKMessages } = await import('./dist/messages.js')
const { packagesOf } = await import('./dist/packages.js')
const { parseJsonWithFallbacks, transformSchemaForProvider } = await import('./dist/structured/index.js')
const { convertToolsToAISDK } = await import('./dist/tools.js')
const { tracing } = await import('./dist/trace.js')
const { transformMastraStreamToTanStack } = await import('./dist/transformer.js')

/** Where the packages of the native providers send their requests; the registry says it of all others. */
const NATIVE = [
  'https://api.openai.com/v1',
  'https://api.anthropic.com/v1',
  'https://generativelanguage.googleapis.com/v1beta',
  'https://api.mistral.ai/v1',
  'https://openrouter.ai/api/v1',
  'https://api.x.ai/v1',
  'https://api.deepseek.com/v1',
  'https://api.deepseek.com',
  'https://api.perplexity.ai',
  'https://api.groq.com/openai/v1',
  'https://api.together.xyz/v1',
  'https://api.cerebras.ai/v1',
  'https://api.deepinfra.com/v1/openai',
  'https://ai-gateway.vercel.sh',
  'https://streamchunk.openai.azure.com/openai',
  NETLIFY,
]
/** Servers at an address of their user's, which the registry cannot know: they are reached by `url` (§2). */
const OF_A_USER = new Set(['llamacpp', 'llama-cpp-python', 'ollama', 'openai-compatible', 'transformers', 'vllm'])
const azure = new router.AzureOpenAIGateway({
  resourceName: 'streamchunk',
  apiKey: 'streamchunk',
  deployments: ['test-model'],
})
const registered = Object.values(router.PROVIDER_REGISTRY).flatMap(({ url }) => url ?? [])
const packageOf = packagesOf(router.PROVIDER_REGISTRY)
const traced = tracing(process.env.STREAMCHUNK_TRACE)
forgetKeys(router.PROVIDER_REGISTRY)

serve({
  name: 'mastra',
  version,
  homepage: createRequire(import.meta.url)(`mastra-core-${version}/package.json`).homepage,
  profile: 'spec',
  wires: ['openai-chat', 'openai-responses', 'anthropic-messages', 'google-generatecontent'],
  redirect: [...NATIVE, ...registered].sort((one, other) => other.length - one.length),
  approvals: true,
  createAdapter: ({ modelId, baseUrl, approve }) => {
    const modelOf = (id, reach) => traced(new router.ModelRouterLanguageModel({ id, ...reach }, [azure]))
    const config = OF_A_USER.has(modelId.split('/')[0]) ? { url: baseUrl } : {}
    const adapter = new MastraTextAdapter(config, modelId, { modelOf, packageOf, approve })
    // TanStack's engine asks an adapter by the adapter's own name of its model, which here holds the provider's.
    return {
      chatStream: (options) => adapter.chatStream({ ...options, model: modelId }),
      structuredOutput: ({ chatOptions, outputSchema }) =>
        adapter.structuredOutput({ chatOptions: { ...chatOptions, model: modelId }, outputSchema }),
    }
  },
  transform: (parts, request, { approve, signal }) =>
    transformMastraStreamToTanStack(parts, {
      model: request.model || 'unknown',
      needsApproval: needingApproval(request.tools),
      approve,
      signal,
    }),
  convertMessages: (messages) => convertToAISDKMessages(messages),
  convertTools: (tools) => convertToolsToAISDK(tools),
  parseJson: parseJsonWithFallbacks,
  transformSchema: transformSchemaForProvider,
})
