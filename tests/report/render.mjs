// Renders messages with the official formatter: node render.mjs NODE_MODULES MESSAGES PAGE
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [packages, messages, page] = process.argv.slice(2)
const load = (path) => import(pathToFileURL(`${packages}/@cucumber/${path}`))
const { default: Stream } = await load('html-formatter/dist/src/index.js')
const { parseEnvelope } = await load('messages/dist/index.js')
const stream = new Stream()
stream.pipe(createWriteStream(page))
for await (const line of createInterface({ input: createReadStream(messages) })) stream.write(parseEnvelope(line))
stream.end()
