import { installFetch, serve } from '../../../harness/drivers/shims/typescript/src/index.js'

installFetch() // this version takes neither a base URL nor a fetch
const { createAnthropicChat } = await import('@tanstack/ai-anthropic')

serve({
  name: '@tanstack/ai-anthropic', version: '0.2.0', profile: 'tanstack', wires: ['anthropic-messages'],
  redirect: ['https://api.anthropic.com'],
  createAdapter: ({ model, apiKey }) => createAnthropicChat(model.split('/').at(-1), apiKey),
})
