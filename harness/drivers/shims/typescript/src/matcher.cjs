'use strict'

/** `expect(chunks).toConform()`: the harness's verdict in a test of vitest or jest. (CommonJS, as jest's tests are.) */

const { verdictOn } = require('./judging.cjs')

/**
 * Holds an adapter's chunks to the protocol; of an async iterable the result is a promise.
 *
 * Throws where there is no verdict: the harness is not installed, cannot read the chunks, or failed.
 *
 * @type {typeof import('../types/matcher.d.cts').toConform}
 */
function toConform(chunks, options = {}) {
  const received = /** @type {any} */ (chunks)
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('toConform wants its options as an object, such as { source, profile }, or none')
  }
  if (typeof received !== 'string' && typeof received?.[Symbol.iterator] === 'function') {
    return /** @type {any} */ (outcome(received, options))
  }
  if (typeof received?.[Symbol.asyncIterator] === 'function') {
    return /** @type {any} */ (collected(received).then((all) => outcome(all, options)))
  }
  const wanted = 'toConform wants the chunks of a stream: an array, an iterable or an async iterable'
  if (typeof received?.then === 'function') {
    throw new TypeError(`${wanted}; this is a promise: await it, or write expect(promise).resolves.toConform()`)
  }
  throw new TypeError(`${wanted}; this is ${received === null ? 'null' : typeof received}`)
}

/**
 * @param {Iterable<unknown>} chunks
 * @param {import('../types/matcher.d.cts').ConformOptions} options
 */
function outcome(chunks, options) {
  const verdict = verdictOn(chunks, options)
  return { pass: verdict.conforms, message: () => told(verdict) }
}

/** @param {AsyncIterable<unknown>} stream */
async function collected(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

/** @param {import('./judging.cjs').Verdict} verdict */
function told({ conforms, exercised, violations }) {
  if (conforms) {
    return `expected the chunks to break the protocol, but they conform (${exercised.length} rules exercised)`
  }
  const count = `${violations.length} violation${violations.length === 1 ? '' : 's'}`
  const head = `expected the chunks to conform, but they break the protocol: ${count}`
  return [head, ...violations.map(shown)].join('\n\n')
}

/** @param {import('./judging.cjs').Violation} violation */
function shown({ rule, level, sections, requirement, chunk, path, expected, seen, why, mend }) {
  const place = chunk === null ? 'the whole stream' : `chunk ${chunk}${path === null ? '' : `, ${path}`}`
  return [
    `${place}: ${level} ${rule} (${sections.join(', ')})`,
    `    ${requirement}`,
    `    expected  ${expected}`,
    `    seen      ${seen}`,
    `    why       ${why}`,
    `    mend      ${mend}`,
  ].join('\n')
}

module.exports = { toConform }
