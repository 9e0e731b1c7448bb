'use strict'

/**
 * A JavaScript value → JSON, with a word for everything that JSON has no word for. (CommonJS, as jest's tests are.)
 *
 * Nothing is coerced in silence: `JSON.stringify` makes null of NaN and of a hole, and drops a function. What it does
 * and a client sees, stays: members that are undefined are left out, and `toJSON` is asked, so that a Date is its text.
 */

const { types } = require('node:util')

/** The harness's readers go 200 deep, and there is a message around each chunk. */
const MAX_DEPTH = 190

/** @typedef {(member: unknown) => unknown} Look gives what stands for a member of an object, undefined for nothing */

/**
 * Returns what `JSON.stringify` writes without loss: the very value where it is JSON, else a copy with our words.
 *
 * Throws what a getter or a `toJSON` throws.
 *
 * @param {unknown} value
 * @param {Look} [look]
 * @returns {any}
 */
function asJson(value, look) {
  if (look === undefined && isJson(value, 0)) return value
  return copied(value, '', [], look ?? ((member) => member))
}

/**
 * Tells whether a value is JSON already, as nearly every chunk is; members that are undefined do no harm.
 *
 * @param {any} value
 * @param {number} depth
 * @returns {boolean}
 */
function isJson(value, depth) {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth === MAX_DEPTH || value.toJSON !== undefined) return false
  if (Array.isArray(value)) {
    for (let place = 0; place < value.length; place += 1) if (!isJson(value[place], depth + 1)) return false
    return true
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(value)) {
    const item = value[key]
    if (item !== undefined && !isJson(item, depth + 1)) return false
  }
  return true
}

/**
 * @param {any} value
 * @param {string} key
 * @param {readonly object[]} above what holds the value, so that a circle ends
 * @param {Look} look
 * @returns {any}
 */
function copied(value, key, above, look) {
  if (typeof value?.toJSON === 'function') value = value.toJSON(key)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : { $number: String(value) }
    case 'undefined':
      return { $undefined: true }
    case 'object':
      return value === null ? null : ofObject(value, above, look)
    default:
      return notJson(typeof value)
  }
}

/**
 * @param {any} value
 * @param {readonly object[]} above
 * @param {Look} look
 */
function ofObject(value, above, look) {
  if (/** @type {any} */ (JSON).isRawJSON?.(value)) return value // written as it stands; Node 22 on
  if (types.isBoxedPrimitive(value)) return copied(value.valueOf(), '', above, look)
  if (above.includes(value)) return notJson('circle')
  if (above.length >= MAX_DEPTH) return notJson('depth')
  const inside = [...above, value]
  if (Array.isArray(value)) return Array.from(value, (item, place) => copied(item, String(place), inside, look))
  const exotic = exoticName(value)
  if (exotic !== undefined) return notJson(exotic)
  const copy = Object.create(null) // so that a member __proto__ is a member
  for (const key of Object.keys(value)) {
    const item = look(value[key])
    if (item !== undefined) copy[key] = copied(item, key, inside, look)
  }
  return copy
}

/**
 * Returns the class of an object whose content `JSON.stringify` would lose without a word.
 *
 * @param {object} value
 * @returns {string | undefined}
 */
function exoticName(value) {
  const isExotic =
    types.isMap(value) || types.isSet(value) || types.isWeakMap(value) || types.isWeakSet(value) ||
    types.isPromise(value) || types.isRegExp(value) || types.isNativeError(value) ||
    types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)
  return isExotic ? Object.prototype.toString.call(value).slice('[object '.length, -1) : undefined
}

/** @param {string} what stood there */
function notJson(what) {
  return { $notJson: what }
}

/**
 * Looks at what goes into a model: functions and signals are left out, bytes have their word, errors are their words.
 *
 * @param {unknown} value
 */
function ofModel(value) {
  if (typeof value === 'function' || value instanceof AbortSignal) return undefined
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (types.isNativeError(value)) return { name: value.name, message: value.message, .../** @type {any} */ (value) }
  return value
}

module.exports = { asJson, ofModel }
