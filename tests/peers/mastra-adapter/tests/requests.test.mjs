/** What providers receive of their own options, through both real routers: no case of the suite asks all of them. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, test } from 'node:test'

const received = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const piece of request) body += piece
  received.push({ url: request.url, body: JSON.parse(body) })
  response.writeHead(500, { 'content-type': 'application/json' }).end('{}')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())

const platforms = globalThis.fetch
const token = { token: 'x', url: 'https://netlify.invalid', expires_at: Date.now() / 1000 + 9999 }
globalThis.fetch = async (input, init) => {
  const { hostname, pathname } = new URL(input.url ?? input)
  if (hostname === 'api.netlify.com') return Response.json(token)
  return platforms(`http://127.0.0.1:${server.address().port}${pathname}`, init)
}
Object.assign(process.env, { NETLIFY_SITE_ID: 'site', NETLIFY_TOKEN: 'token' })

const { MastraTextAdapter } = await import('../dist/adapter.js')
const { packagesOf } = await import('../dist/packages.js')
const ROUTERS = new Map()
for (const version of ['1.0.4', '1.71.0']) ROUTERS.set(version, await import(`mastra-core-${version}/llm`))

function adapterOf(version, id) {
  const router = ROUTERS.get(version)
  const azure = new router.AzureOpenAIGateway({ resourceName: 'site', apiKey: 'key', deployments: ['test'] })
  const modelOf = (model, reach) => new router.ModelRouterLanguageModel({ id: model, ...reach }, [azure])
  const packageOf = packagesOf(router.PROVIDER_REGISTRY)
  return new MastraTextAdapter({ apiKey: 'key', maxRetries: 0 }, id, { modelOf, packageOf })
}

/** Return what the provider received of options of its own. */
async function bodyOf(version, id, modelOptions, more = {}) {
  received.length = 0
  const chat = { model: id, messages: [{ role: 'user', content: 'Hi' }], modelOptions, ...more }
  for await (const chunk of adapterOf(version, id).chatStream(chat)) assert.equal(chunk.type, 'error')
  assert.equal(received.length, 1)
  return received[0].body
}

for (const version of ROUTERS.keys()) {
  test(`options reach a provider whose package has another name than the router gives it (${version})`, async () => {
    const thinkingConfig = { thinkingBudget: 5 }
    const gemini = await bodyOf(version, 'netlify/gemini/gemini-2.5-flash', { generationConfig: { thinkingConfig } })
    assert.deepEqual(gemini.generationConfig.thinkingConfig, thinkingConfig)
    const azure = await bodyOf(version, 'azure-openai/test', { user: 'u-1', logit_bias: { 50256: -100 }, stop: 'END' })
    assert.deepEqual([azure.user, azure.logit_bias, azure.stop], ['u-1', { 50256: -100 }, ['END']])
    const thinking = { type: 'enabled', budget_tokens: 1024 }
    const kimi = await bodyOf(version, 'moonshotai/kimi-k2', { thinking })
    assert.deepEqual(kimi.thinking, thinking)
  })

  test(`options in the words of an API reach it by a package with words of its own (${version})`, async () => {
    const claude = await bodyOf(version, 'anthropic/claude-sonnet-4-5', {
      metadata: { user_id: 'u-7' },
      stop_sequences: ['END'],
      top_k: 3,
    })
    assert.deepEqual([claude.stop_sequences, claude.top_k], [['END'], 3])
    if (version !== '1.0.4') assert.deepEqual(claude.metadata, { user_id: 'u-7' }) // its package has no such option
    const gpt = await bodyOf(version, 'openai/o4-mini', {
      reasoning: { effort: 'low' },
      text: { verbosity: 'low' },
      metadata: { user_id: 'u-7' },
      parallel_tool_calls: false,
      store: false,
    })
    assert.equal(gpt.reasoning.effort, 'low')
    assert.deepEqual([gpt.text.verbosity, gpt.metadata], ['low', { user_id: 'u-7' }])
    assert.deepEqual([gpt.parallel_tool_calls, gpt.store], [false, false])
    const large = await bodyOf(version, 'mistral/mistral-large-latest', { random_seed: 7, safe_prompt: true })
    assert.deepEqual([large.random_seed, large.safe_prompt], [7, true])
  })

  test(`options reach the general package as they stand, whatever they are (${version})`, async () => {
    const options = { min_p: 0.1, random_seed: 7, stop: ['END'], parallel_tool_calls: false }
    for (const [id, more] of [
      ['novita-ai/some-model', {}],
      ['mistral/mistral-large-latest', { url: 'https://example.com/v1' }],
      ['togetherai/some-model', {}],
    ]) {
      const body = await bodyOf(version, id, { ...options, ...more })
      assert.deepEqual(Object.fromEntries(Object.keys(options).map((name) => [name, body[name]])), options, id)
    }
  })

  test(`limits of the request count before those among the provider's options (${version})`, async () => {
    const body = await bodyOf(version, 'mistral/mistral-large-latest', { max_tokens: 9, temperature: 1 }, { maxTokens: 5 })
    assert.deepEqual([body.max_tokens, body.temperature], [5, 1])
  })
}

test('the router takes the package of its registry, also for a single model', () => {
  const packageOf = packagesOf({
    one: { npm: '@ai-sdk/anthropic', modelOverrides: { 'm-1': { npm: '@ai-sdk/openai' }, 'm-2': { shape: 'responses' } } },
  })
  assert.equal(packageOf('one', 'm-0'), '@ai-sdk/anthropic')
  assert.equal(packageOf('one', 'm-1'), '@ai-sdk/openai')
  assert.equal(packageOf('one', 'm-2'), '@ai-sdk/openai')
  assert.equal(packageOf('unknown', 'm'), undefined)
})

test('a schema reaches Together AI, whose package does not write it', async () => {
  const outputSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  const id = 'togetherai/mistralai/Mixtral-8x7B-Instruct-v0.1'
  received.length = 0
  const chatOptions = { model: id, messages: [{ role: 'user', content: 'Who?' }] }
  await assert.rejects(adapterOf('1.71.0', id).structuredOutput({ chatOptions, outputSchema }))
  const { response_format: format } = received[0].body
  assert.equal(format.type, 'json_schema')
  assert.deepEqual(format.json_schema.schema, outputSchema)
})

test('a call that is none is told in words, and nothing is asked', async () => {
  received.length = 0
  for (const [toolCalls, words] of [
    [[{ id: '1' }], /call 1 names no function/],
    [[null], /call has no id/],
    [[{ function: { name: 'look', arguments: '{}' } }], /call has no id/],
  ]) {
    const messages = [{ role: 'assistant', content: null, toolCalls }]
    const chunks = await Array.fromAsync(adapterOf('1.71.0', 'openai/gpt-4o').chatStream({ messages }))
    assert.equal(chunks.length, 1)
    assert.match(chunks[0].error.message, words)
  }
  assert.deepEqual(received, [])
})
