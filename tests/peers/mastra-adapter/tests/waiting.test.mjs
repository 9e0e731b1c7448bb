/** Whose time is up: a model's that is silent, never that of a consumer who thinks. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { MastraTextAdapter } from '../dist/adapter.js'

const CALL = { type: 'tool-call', toolName: 'send', input: '{}' }
const FINISH = { type: 'finish', finishReason: 'tool-calls', usage: {} }
const REQUEST = { model: 'x/m', messages: [{ role: 'user', content: 'Hi' }], tools: [{ name: 'send', needsApproval: true }] }

function adapter(parts, surroundings = {}) {
  const modelOf = () => ({ provider: 'x', modelId: 'm', doStream: async () => ({ stream: parts() }) })
  return new MastraTextAdapter({ timeout: 40, maxRetries: 0 }, 'x/m', { modelOf, ...surroundings })
}

async function* words() {
  for (const delta of ['a', 'b', 'c']) yield { type: 'text-delta', id: '0', delta }
  yield { type: 'finish', finishReason: 'stop', usage: {} }
}

test('a consumer that is slow is not told that the model was silent', async () => {
  const told = []
  for await (const { type, delta } of adapter(words).chatStream(REQUEST)) {
    told.push(delta ?? type)
    await pause(90)
  }
  assert.deepEqual(told, ['a', 'b', 'c', 'done'])
})

test('a user who thinks about an approval is not told that the model was silent', async () => {
  async function* calls() {
    yield { ...CALL, toolCallId: 'c1' }
    yield { ...CALL, toolCallId: 'c2' }
    yield FINISH
  }
  const approve = async () => {
    await pause(90)
    return true
  }
  const told = await Array.fromAsync(adapter(calls, { approve }).chatStream(REQUEST), (chunk) => chunk.type)
  assert.equal(told.filter((type) => type === 'tool_call').length, 2)
  assert.equal(told.at(-1), 'done')
})

test('a model that is silent between two parts is given up, also behind a consumer that was slow', async () => {
  async function* stalls() {
    yield { type: 'text-delta', id: '0', delta: 'a' }
    yield { type: 'text-delta', id: '0', delta: 'b' }
    await new Promise(() => undefined)
  }
  const codes = []
  for await (const { type, delta, error } of adapter(stalls).chatStream(REQUEST)) {
    codes.push(delta ?? error?.code ?? type)
    await pause(60)
  }
  assert.deepEqual(codes, ['a', 'b', 'TIMEOUT'])
})

test('a good structured answer is kept where a tool of the history has nearly the name of our own', async () => {
  const parts = async function* () {
    yield { type: 'tool-call', toolCallId: 'c', toolName: 'structured_output', input: '{"name":"Ada"}' }
    yield FINISH
  }
  const sent = []
  const doGenerate = async (options) => {
    sent.push(options)
    return { stream: parts() }
  }
  const modelOf = () => ({ provider: 'anthropic', modelId: 'm', doGenerate })
  const earlier = { id: '1', type: 'function', function: { name: 'structured output', arguments: '{}' } }
  const messages = [
    { role: 'user', content: 'Who?' },
    { role: 'assistant', content: null, toolCalls: [earlier] },
    { role: 'tool', toolCallId: '1', content: 'ok' },
  ]
  const outputSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  const asked = new MastraTextAdapter({ maxRetries: 0 }, 'anthropic/claude-sonnet-4-5', { modelOf })
  const { data } = await asked.structuredOutput({ chatOptions: { model: 'm', messages }, outputSchema })
  assert.deepEqual(data, { name: 'Ada' })
  const [{ tools, prompt }] = sent
  const names = [tools[0].name, prompt[1].content[0].toolName]
  assert.equal(new Set(names).size, 2)
})
