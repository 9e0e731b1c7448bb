/** A run's own `fetch`: to the played provider, or to nobody at all. */

import { currentRun } from './current.js'

const original = globalThis.fetch

const BEHIND_A_HOST = /^(?:$|[/?#])/ // what only begins alike is another host

/**
 * Returns a `fetch` that sends to `baseUrl` what is meant for one of `hosts`, and all else where it is meant for.
 *
 * It is the platform's own in all else: aborts, redirects and errors are those of `fetch`.
 *
 * @param {readonly string[]} hosts beginnings of URLs, such as `https://api.anthropic.com`
 * @param {string} baseUrl
 * @returns {typeof fetch}
 */
export function redirecting(hosts, baseUrl) {
  const beginnings = hosts.map((host) => host.replace(/\/$/, ''))
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const begun = beginnings.find((one) => url.startsWith(one) && BEHIND_A_HOST.test(url.slice(one.length)))
    if (begun === undefined) return original(input, init)
    const moved = baseUrl + url.slice(begun.length)
    return original(input instanceof Request ? new Request(moved, input) : moved, init)
  }
}

/**
 * Makes the global `fetch` that of the run that calls it; where no run does, it is what it was.
 *
 * Call it before an SDK is loaded that keeps the global `fetch` it found. Returns what undoes it.
 */
export function installFetch() {
  const before = globalThis.fetch
  globalThis.fetch = (input, init) => (currentRun.getStore()?.context.fetch ?? before)(input, init)
  return () => {
    globalThis.fetch = before
  }
}
