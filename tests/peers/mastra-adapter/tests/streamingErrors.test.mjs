/** What is told of a failure: words that say something, its code, and no secret. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { secretsOf } from '../dist/configuration.js'
import { describeFailure } from '../dist/errors.js'
import { chunksOf, FINISH, says } from './playing.mjs'

const UNTOLD = /did not say which/

for (const [error, code] of [
  ['[object Object]'],
  ['undefined'],
  [' '],
  [{ status: { code: 5 } }, '5'],
  [{ status: Number.NaN }],
  [{ statusCode: '' }],
  [{ message: 'undefined' }],
  [{ message: 'Error: [object Object]', code: 'undefined' }],
  [{ message: '', status: 'UNAVAILABLE' }, 'UNAVAILABLE'],
  [new Error({})],
  [[]],
  [new AggregateError([], '')],
  [Symbol('x')],
  [{ get message() { throw new Error('a trap') } }],
]) {
  const shown = error instanceof Error ? error.constructor.name : typeof error === 'object' ? 'an object' : String(error)
  test(`${shown} that says nothing has words, and the code ${code}`, () => {
    const told = describeFailure(error)
    assert.match(told.message, UNTOLD)
    assert.equal(told.code, code)
  })
}

test('an error that holds itself, in every way, is looked at once', () => {
  const error = { code: 7 }
  Object.assign(error, { error, cause: error, detail: error, errors: Array(1000).fill({ cause: error, errors: [error] }) })
  assert.equal(describeFailure(error).code, '7')
  assert.equal(describeFailure(Number.NaN).message, describeFailure(undefined).message)
})

for (const [error, message, code] of [
  [{ message: '[object Object]', cause: { message: 'No room' } }, 'No room'],
  [{ errors: [{ message: 'Not now', code: 17 }] }, 'Not now', '17'],
  [{ errors: [{}, { message: 'Not now' }] }, 'Not now'],
  [{ detail: 'No such model' }, 'No such model'],
  [{ detail: [{ loc: ['body'], msg: 'Field required', type: 'missing' }] }, 'Field required', 'missing'],
  [new AggregateError([new Error(''), Object.assign(new Error('Refused'), { code: 'ECONNREFUSED' })], ''), 'Refused'],
  [{ statusCode: 503 }, 'HTTP status 503', '503'],
]) {
  test(`an error that holds "${message}" says it`, () => {
    const told = describeFailure(error)
    assert.equal(told.message, message)
    if (code !== undefined) assert.equal(told.code, code)
  })
}

test('a source that throws a text without meaning ends in an error that has words', async () => {
  const chunks = await chunksOf([says('Hm.'), () => { throw '[object Object]' }])
  assert.match(chunks.at(-1).error.message, UNTOLD)
})

test('a text that is no JSON is not quoted', async () => {
  const [chunk] = await chunksOf(['my-secret: 1', FINISH])
  assert.equal(chunk.error.code, 'EVENT_NOT_JSON')
  assert.ok(!chunk.error.message.includes('my-sec'), chunk.error.message)
})

test('what JavaScript says of a mistake in a package is not all that is told', () => {
  const told = describeFailure(new TypeError("Cannot read properties of undefined (reading 'delta')"))
  assert.match(told.message, /^The answer could not be processed.*reading 'delta'/)
  assert.equal(told.code, 'INTERNAL_ERROR')
  assert.ok(!describeFailure(new SyntaxError('Unexpected token m, "my-secret" is not JSON')).message.includes('my-secret'))
})

test('a network’s failure, which is a TypeError to fetch, is told as such', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  assert.deepEqual(describeFailure(new TypeError('fetch failed', { cause })), {
    message: 'fetch failed',
    code: 'ECONNREFUSED',
  })
})

for (const [words, secret] of [
  ['Wrong header x-api-key: verysecretvalue', 'verysecretvalue'],
  ['{"apiKey": "verysecretvalue"}', 'verysecretvalue'],
  ['api_key=verysecretvalue&x=1', 'verysecretvalue'],
  ['Authorization: verysecretvalue', 'verysecretvalue'],
  ['Authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
  ['I do not know Basic dXNlcjpwYXNz.', 'dXNlcjpwYXNz'],
  ['The token: abcdef12345 is old', 'abcdef12345'],
  ['GET https://user:pass@example.org/v1 failed', 'user:pass'],
]) {
  test(`"${words}" is told without its secret`, () => {
    const { message } = describeFailure(new Error(words))
    assert.ok(!message.includes(secret), message)
    assert.match(message, /\[redacted\]/)
  })
}

for (const words of [
  'Basic authentication is not enough',
  'Basic Authentication is not enough',
  'The key: value pairs are wrong',
  'Too many tokens: 12 of 10',
  'See https://example.org/a@b and mail me@example.org',
]) {
  test(`"${words}" holds no secret`, () => assert.equal(describeFailure(new Error(words)).message, words))
}

test('a configured secret is not told however short it is, and takes no word with it', () => {
  const secrets = secretsOf({ apiKey: 'key', headers: { Authorization: 'Basic a+b=', 'x-lang': 'en', 'x-team': 'longer-secret' } })
  const { message } = describeFailure(new Error('key, monkey, a+b= en longer-secrets'), secrets)
  assert.equal(message, '[redacted], monkey, [redacted] en [redacted]s')
})
