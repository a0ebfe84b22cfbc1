import type { Vendor } from './model-access.ts'

/** In which format a model is asked. */
export interface ModelRoute {
  vendor: Vendor
  api: 'responses' | 'chat' | 'messages'
  /** The model's name for the vendor. */
  model: string
}

const ROUTES: Readonly<Record<string, Omit<ModelRoute, 'model'>>> = {
  openai: { vendor: 'openai', api: 'responses' },
  anthropic: { vendor: 'anthropic', api: 'messages' },
  chat: { vendor: 'openai', api: 'chat' },
}

/**
 * The route of a model for agents that speak several formats, from the name's first part: `openai/…` by Responses,
 * `anthropic/…` by Messages, `chat/…` and every other name by Chat Completions, which most servers of models speak.
 */
export function modelRoute(name: string): ModelRoute {
  const slash = name.indexOf('/')
  const route = Object.hasOwn(ROUTES, name.slice(0, slash)) ? ROUTES[name.slice(0, slash)] : undefined
  return route === undefined ? { vendor: 'openai', api: 'chat', model: name } : { ...route, model: name.slice(slash + 1) }
}
