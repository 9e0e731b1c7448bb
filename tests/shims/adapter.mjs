/** An adapter that does what the request's `modelOptions.does` says, so that each test can make it misbehave. */

console.log('a banner while it is loaded') // the shim stands in front of it: see shim.mjs

export function createAdapter(context) {
  const { does = 'parts', madeFor } = context.request.modelOptions ?? {}
  return {
    model: madeFor,
    chatStream: (options) => BEHAVIOURS[does](context, options),
    structuredOutput: async ({ chatOptions, outputSchema }) => ({
      data: { schema: outputSchema, model: chatOptions.model, keys: Object.keys(chatOptions).sort() },
      rawText: await (await context.fetch(`${context.baseUrl}/v1/chat/completions`)).text(),
    }),
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const counted = (number) => ({ type: 'content', delta: `${number} ` })

const BEHAVIOURS = {
  /** Yields each part that its model streams, and what it can tell of it that JSON cannot. */
  async *parts({ languageModel }, { messages, request }) {
    const { stream } = await languageModel.doStream({
      prompt: messages,
      maxOutputTokens: undefined,
      abortSignal: request.signal,
      onDone: () => {},
      headers: { when: new Date(0), raw: new Uint8Array([1, 2, 255]) },
    })
    for await (const part of stream) yield part
  },
  async *reader({ languageModel }) {
    const { stream } = await languageModel.doStream({ prompt: [] })
    const reader = stream.getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  },
  async *kinds({ languageModel }) {
    const { stream } = await languageModel.doStream({ prompt: [] })
    for await (const part of stream) {
      yield Object.fromEntries(
        Object.entries(part).map(([key, value]) => [
          key,
          value instanceof Uint8Array ? `bytes ${[...value]}` : `${typeof value} ${String(value)}`,
        ]),
      )
    }
  },
  async *generate({ languageModel }) {
    yield await languageModel.doGenerate({ prompt: [] })
  },
  async *twice({ languageModel }) {
    for (const call of [1, 2]) {
      for await (const part of (await languageModel.doStream({ prompt: [], call })).stream) {
        yield { ...part }
        part.delta = 'spoilt'
      }
    }
  },
  async *context({ operation, source, modelId, model, baseUrl, apiKey, headers, languageModel }, options) {
    yield { operation, source, modelId, model, baseUrl, apiKey, headers, hasModel: languageModel !== undefined }
    options.logger.debug('to nobody')
    yield { keys: Object.keys(options).sort(), model: options.model, modelOptions: options.modelOptions }
  },
  /** Yields each read of a body, as text, behind the status and the headers. */
  async *fetch({ fetch, baseUrl, request: { modelOptions }, signal }) {
    const url = modelOptions.url ?? `${baseUrl}/v1/chat/completions`
    const init = { method: 'POST', body: '{}', signal, headers: { 'x-number': String(modelOptions.number ?? '') } }
    const ways = {
      request: () => fetch(new Request(url, init)),
      url: () => fetch(new URL(url), init),
      text: () => fetch(url, init),
    }
    const response = await ways[modelOptions.as ?? 'text']()
    yield { status: response.status, url: response.url, headers: Object.fromEntries(response.headers) }
    for await (const piece of response.body ?? []) yield Buffer.from(piece).toString()
  },
  async *globalFetch({ signal }) {
    const init = { method: 'POST', body: '{}', signal }
    const response = await fetch('https://api.provider.example/v1/chat/completions', init)
    yield [response.status, await response.text()]
  },
  /** Counts until its client goes away. */
  async *count(_, { request: { signal }, abortController }) {
    for (let number = 0; !signal.aborted; number += 1) {
      yield counted(number)
      await pause(0)
    }
    yield { type: 'error', error: { code: 'ABORTED', isController: abortController.signal.aborted } }
  },
  async *throwsOnAbort(_, { request: { signal } }) {
    yield counted(0)
    while (!signal.aborted) await pause(1)
    signal.throwIfAborted()
  },
  async *throwsInAListener(_, { request: { signal } }) {
    signal.addEventListener('abort', () => {
      throw new Error('in a listener')
    })
    yield counted(0)
    await new Promise(() => {})
  },
  async *abortsItself(_, { abortController }) {
    yield counted(0)
    abortController.abort()
    yield counted(1)
  },
  async *approval({ approve }) {
    for (const id of ['approval_1', 'approval_2']) {
      yield { type: 'approval-requested', approval: { id } }
      yield [id, await approve(id)]
    }
  },
  async *lateQuestion({ approve }) {
    yield counted(0)
    await pause(50)
    yield await approve('approval_1')
  },
  async *hang() {
    yield counted(0)
    await new Promise(() => {})
  },
  async *prints() {
    console.log('{"jsonrpc":"2.0","method":"chunk"}')
    console.info('half a line')
    process.stdout.write('from a library\n')
    process.stdout.write(new Uint8Array([0xff, 0x0a]))
    yield counted(0)
  },
  async *odd() {
    const circle = { type: 'circle' }
    circle.self = circle
    yield { type: 'numbers', of: [NaN, Infinity, -Infinity, -0, 1e21] }
    yield { type: 'left out', undefined, null: null }
    yield { type: 'holes', of: [undefined, , null] }
    yield undefined
    yield { type: 'words', big: 10n, fn() {}, symbol: Symbol('s'), map: new Map([[1, 2]]), error: new Error('e') }
    yield circle
    yield { type: 'asked', date: new Date(0), toJSON: undefined, own: { toJSON: () => 'own' }, boxed: Object('text') }
    yield { type: 'surrogates', whole: '😀', half: '\ud83d' }
    yield JSON.parse('{"type":"names","__proto__":{"a":1},"constructor":2}')
    yield 'no object'
  },
  async *deep() {
    let deep = {}
    for (let depth = 0; depth < 100_000; depth += 1) deep = { deep }
    yield { type: 'deep', deep }
  },
  async *getter() {
    yield counted(0)
    yield { get broken() { throw new RangeError('the getter') } } // prettier-ignore
  },
  throwsAtOnce() {
    throw Object.assign(new TypeError('at once'), { code: 401 })
  },
  async *raises(_, { modelOptions: { thrown } }) {
    yield counted(0)
    if (thrown === 'error') throw Object.assign(new Error('an error'), { name: 'AI_APICallError', code: 'overloaded' })
    if (thrown === 'null') throw null
    if (thrown === 'hostile') throw { get message() { throw new Error() } } // prettier-ignore
    throw thrown
  },
  noStream: () => 7,
  async *unhandled() {
    yield counted(0)
    void Promise.reject(new Error('nobody waited'))
    await new Promise(() => {})
  },
  async *uncaught() {
    yield counted(0)
    setTimeout(() => {
      throw new Error('in a timer')
    }, 1)
    await new Promise(() => {})
  },
  async *behindTheEnd() {
    setTimeout(() => {
      throw new Error('behind the end')
    }, 20)
    yield counted(0)
  },
  /** Text that grows by `by` characters in `deltas` steps; the step `wrongAt` is one character short. */
  async *long(_, { modelOptions: { deltas, by, wrongAt } }) {
    let content = ''
    for (let number = 0; number < deltas; number += 1) {
      const delta = String(number % 10).repeat(by)
      content += delta
      if (number === wrongAt) content = content.slice(1)
      yield { type: 'content', delta, content }
    }
  },
  async *overlapping(_, { modelOptions: { number } }) {
    for (let step = 0; step < 20; step += 1) {
      yield { number, step }
      await pause(number % 3)
    }
  },
  async *exits() {
    yield counted(0)
    process.exit(7)
  },
  async *flood() {
    const text = 'x'.repeat(10_000)
    for (let number = 0; number < 20_000; number += 1) {
      if (number === 19_999) process.stderr.write('the flood is over\n')
      yield { number, text }
    }
  },
}
