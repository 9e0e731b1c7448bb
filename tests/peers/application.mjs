/**
 * A chat server as an application has one: TanStack AI's `chat()` over its OpenAI adapter, behind Node's own HTTP.
 *
 * It finds its provider by OPENAI_BASE_URL, as the OpenAI SDK does, and says on stdout at which port it listens.
 *
 *     POST /api/chat          server-sent events (`fetchServerSentEvents`)
 *     POST /api/lines         a chunk on each line (`fetchHttpStream`)
 *     POST /api/tools         the same as the first, with a tool of its own that it runs
 *     POST /api/deaf          the same, but nobody tells the model that the client went away
 */
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { chat, toHttpResponse, toServerSentEventsResponse } from '@tanstack/ai'
import { createOpenaiChat } from 'ai-openai-0.3.0'

const MODEL = 'gpt-4o-mini'

/** The tool that only this application knows. */
const weather = {
  name: 'get_weather',
  description: 'Tells the weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: () => ({ sky: 'clear' }),
}

const ROUTES = {
  '/api/chat': { respond: toServerSentEventsResponse, tools: undefined, listens: true },
  '/api/lines': { respond: toHttpResponse, tools: undefined, listens: true },
  '/api/tools': { respond: toServerSentEventsResponse, tools: [weather], listens: true },
  '/api/deaf': { respond: toServerSentEventsResponse, tools: undefined, listens: false },
}

/** Read the JSON that a client posts. */
async function posted(request) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  return JSON.parse(Buffer.concat(pieces).toString('utf8'))
}

const server = createServer(async (request, response) => {
  const route = ROUTES[request.url]
  if (route === undefined || request.method !== 'POST') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such route')
    return
  }
  const { messages, tools } = await posted(request)
  const abortController = new AbortController()
  if (route.listens) response.on('close', () => abortController.abort())
  const stream = chat({
    adapter: createOpenaiChat(MODEL, process.env.OPENAI_API_KEY, { baseURL: process.env.OPENAI_BASE_URL }),
    messages,
    tools: route.tools ?? tools,
    systemPrompts: ['You are the help of a small shop.'],
    abortController,
  })
  const answer = route.respond(stream, { abortController })
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  Readable.fromWeb(answer.body)
    .on('error', () => response.destroy())
    .pipe(response)
})

server.listen(0, '127.0.0.1', () => console.log(server.address().port))
