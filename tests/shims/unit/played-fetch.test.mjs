/** The played `fetch` by itself: what a whole process cannot show from outside. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync } from 'node:zlib'

import { playingFetch } from '../../../harness/drivers/shims/typescript/src/played-fetch.js'

const piece = (text) => Buffer.from(text).toString('base64')

test('a body is a stream of bytes, and a reader with a buffer of its own reads it to the end', async () => {
  const response = await playingFetch({ pieces: [piece('abc')] })('http://a/')
  const reader = response.body.getReader({ mode: 'byob' })
  const read = await reader.read(new Uint8Array(2))
  assert.equal(Buffer.from(read.value).toString(), 'ab')
  assert.equal(Buffer.from((await reader.read(new Uint8Array(2))).value).toString(), 'c')
  assert.equal((await reader.read(new Uint8Array(2))).done, true)
})

test('each request is answered from the start', async () => {
  const fetch = playingFetch({ status: 503, pieces: [piece('{"a"'), piece(':1}')] })
  for (const _ of [1, 2]) assert.deepEqual(await (await fetch('http://a/')).json(), { a: 1 })
})

test('what no fetch takes is refused as every fetch refuses it', async () => {
  await assert.rejects(playingFetch({})('no url'), TypeError)
  await assert.rejects(playingFetch({})('http://a/', { method: 'GET', body: 'x' }), TypeError)
})

test('a body that nobody wants any more can be cancelled', async () => {
  const response = await playingFetch({ pieces: [piece('a')], ending: 'stall' })('http://a/')
  await response.body.cancel()
  assert.equal((await playingFetch({})('http://a/')).status, 200)
})

test('an abort is heard in a silence, though nobody holds the request any more', async () => {
  for (const asked of [(url, signal) => [url, { signal }], (url, signal) => [new Request(url, { signal })]]) {
    const controller = new AbortController()
    const read = (async () => {
      const response = await playingFetch({ ending: 'stall' })(...asked('http://a/', controller.signal))
      return response.body.getReader().read()
    })()
    read.catch(() => {}) // it may fail before it is asked for
    for (let turn = 0; turn < 5; turn += 1) {
      await pause(5)
      globalThis.gc()
    }
    controller.abort(new Error('gone'))
    await assert.rejects(read, /gone/)
  }
})

test('brotli is undone, as far as the body goes', async () => {
  const text = 'abcdefgh '.repeat(1000)
  const pieces = [brotliCompressSync(text).toString('base64')]
  const response = await playingFetch({ headers: { 'content-encoding': 'br' }, pieces })('http://a/')
  assert.equal(await response.text(), text)
})

test('a coded body that is broken fails where it is read', async () => {
  const headers = { 'content-encoding': 'gzip' }
  const response = await playingFetch({ headers, pieces: [piece('no gzip')] })('http://a/')
  await assert.rejects(response.text())
})
