import { installFetch, serve } from '../../../harness/drivers/shims/typescript/src/index.js'

installFetch() // this version takes neither a base URL nor a fetch
const { createGeminiChat } = await import('@tanstack/ai-gemini')

serve({
  name: '@tanstack/ai-gemini', version: '0.3.2', profile: 'tanstack', wires: ['google-generatecontent'],
  redirect: ['https://generativelanguage.googleapis.com'],
  maxConcurrentRuns: 1, // it hangs when it is aborted, and what runs beside it would have to be asked again
  createAdapter: ({ model, apiKey }) => createGeminiChat(model.split('/').at(-1), apiKey),
})
