/** A line → a JSON-RPC 2.0 message, and the messages that answer it; no input and no output of its own. */

/** The codes of JSON-RPC 2.0, section 5.1. */
export const NO_JSON = -32700
export const NO_REQUEST = -32600
export const NO_METHOD = -32601
export const BAD_PARAMS = -32602
export const INTERNAL = -32603

/**
 * @typedef {string | number | null} Id
 * @typedef {Record<string, any>} Params
 * @typedef {{ method: string, params: Params, id: Id | undefined }} Asked a request, or without an id a notification
 */

/** What is wrong with a request, as the error of its answer. */
export class Refusal extends Error {
  /**
   * @param {number} code
   * @param {string} message
   * @param {Id} id of the request, null where it could not be read
   */
  constructor(code, message, id = null) {
    super(message)
    this.code = code
    this.id = id
  }
}

/**
 * Returns what a line asks for; throws {@link Refusal} where it asks for nothing.
 *
 * @param {string | null} line null stands for a line that could not be read
 * @returns {Asked}
 */
export function asked(line) {
  if (line === null) throw new Refusal(NO_JSON, 'a line is too long, or not UTF-8')
  let message
  try {
    message = JSON.parse(line)
  } catch {
    throw new Refusal(NO_JSON, 'a line is not JSON')
  }
  const { jsonrpc, id, method, params = {} } = Object(message)
  const hasId = typeof id === 'string' || typeof id === 'number'
  if (jsonrpc !== '2.0' || typeof method !== 'string' || (id !== undefined && id !== null && !hasId)) {
    throw new Refusal(NO_REQUEST, 'a line is no request of JSON-RPC 2.0', hasId ? id : null)
  }
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    throw new Refusal(BAD_PARAMS, `the params of ${method} are no object`, hasId ? id : null)
  }
  return { method, params, id }
}

/**
 * @param {Id} id
 * @param {unknown} result
 */
export function answer(id, result) {
  return { jsonrpc: '2.0', id, result }
}

/**
 * @param {Refusal} refusal
 * @param {Id} id
 */
export function refused({ code, message }, id) {
  return { jsonrpc: '2.0', id, error: { code, message } }
}

/**
 * @param {string} method
 * @param {Params} params
 */
export function notification(method, params) {
  return { jsonrpc: '2.0', method, params }
}
