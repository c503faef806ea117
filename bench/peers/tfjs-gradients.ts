// Registers the automatic gradients of TensorFlow.js. tfjs-core ships them only in its bundler build: ES modules that name each
// other without an ending, in a package that is not marked as ES modules. Hooks tell Node how to read them.
import { register } from 'node:module'

const hooks = `
const place = '/@tensorflow/tfjs-core/dist/'
export async function resolve(specifier, context, next) {
  if (!context.parentURL?.includes(place) || !specifier.startsWith('.')) return next(specifier, context)
  return next(specifier + '.js', context).catch(() => next(specifier + '/index.js', context))
}
export async function load(url, context, next) {
  return next(url, url.includes(place) && !url.includes('.node.js') ? { ...context, format: 'module' } : context)
}`

/** The registry is global, so gradients registered here serve every copy of tfjs-core in the process. */
export async function registerTfjsGradients(): Promise<void> {
  register(`data:text/javascript,${encodeURIComponent(hooks)}`)
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js' as string)
}
