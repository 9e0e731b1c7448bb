// Serves what the specification writes: `node serve.mjs [12.2|13.5|12.5] [--literal]`.
//
// 12.2 and 13.5 are the two transformers, asked with a played model. An object is taken for an event as it stands
// (ledger B1), since the two do nothing at all otherwise; with `--literal` they are as they are written.
// 12.5 is `chatStream` over the real router of Mastra 1.0.4.

import { serve } from '../../../harness/drivers/shims/typescript/src/index.js'
import { asObject, literally } from './decoding.mjs'
import { transformMastraStreamToTanStack } from './section-12-2.mjs'
import { transformMastraStreamToTanStackRobust } from './section-13-5.mjs'

const TRANSFORMERS = new Map([
  ['12.2', transformMastraStreamToTanStack],
  ['13.5', transformMastraStreamToTanStackRobust],
  ['12.5', transformMastraStreamToTanStack],
])

const [section = '13.5'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const isLiteral = process.argv.includes('--literal')
const transform = TRANSFORMERS.get(section)
if (transform === undefined) throw new TypeError(`there are §${[...TRANSFORMERS.keys()].join(', §')}, and no §${section}`)

/** @type {any} */
const Router = section === '12.5' ? (await import('mastra-core-1.0.4/llm')).ModelRouterLanguageModel : undefined

serve({
  name: `§${section}${isLiteral ? ' to the letter' : ''}`,
  profile: 'spec',
  approvals: true, // §4 and §6.4 want the question asked; neither transformer asks it
  ...(Router === undefined ? { acceptsModel: true } : { wires: ['openai-chat'], structuredOutput: false }),
  createAdapter: ({ languageModel, modelId, baseUrl, apiKey }) => ({
    /**
     * §12.5, as far as its call: what it converts before is not looked at, neither by a played model nor by the router,
     * which knows no `messages` (ledger A1).
     *
     * @param {any} options
     */
    async *chatStream({ messages, tools, temperature, maxTokens, topP, metadata, modelOptions, request }) {
      const model = languageModel ?? new Router({ id: modelId, url: baseUrl, apiKey })
      const { stream } = await model.doStream({
        messages,
        tools,
        temperature,
        maxTokens,
        topP,
        metadata,
        providerOptions: modelOptions,
        abortSignal: request?.signal,
      })
      yield* transform(stream, modelId, isLiteral ? literally : asObject)
    },
  }),
})
