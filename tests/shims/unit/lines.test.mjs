/** Bytes → lines, however they are cut, and no more of them than is bounded. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Lines } from '../../../harness/drivers/shims/typescript/src/lines.js'

const fed = (lines, ...pieces) => pieces.flatMap((piece) => [...lines.feed(Buffer.from(piece))])

test('a cut anywhere gives the same lines', () => {
  const bytes = Buffer.from('{"a":1}\r\n\n{"b":"é😀"}\n{"c"')
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const lines = new Lines()
    assert.deepEqual(fed(lines, bytes.subarray(0, cut), bytes.subarray(cut)), ['{"a":1}', '{"b":"é😀"}'])
    assert.deepEqual([...lines.close()], ['{"c"'])
  }
})

test('a line at the limit is read, and one above it is told and passed over', () => {
  const lines = new Lines(4)
  assert.deepEqual(fed(lines, '1234\n', '12', '345\n', '1\n'), ['1234', null, '1'])
})

test('a line without an end is forgotten as it grows', () => {
  const lines = new Lines(1000)
  const piece = Buffer.alloc(1000, 'x')
  for (let number = 0; number < 10_000; number += 1) assert.deepEqual(fed(lines, piece), [])
  assert.deepEqual(fed(lines, '\nnext\n'), [null, 'next'])
})

test('bytes that are not UTF-8 are told, and the next line is read', () => {
  assert.deepEqual(fed(new Lines(), Buffer.from([0xff, 0x0a]), 'next\n'), [null, 'next'])
})

test('a byte order mark is no part of JSON', () => {
  assert.deepEqual(fed(new Lines(), Buffer.from([0xef, 0xbb, 0xbf]), '{}\n'), ['{}'])
})
