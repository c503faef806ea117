// Prints the returns of a training as they come: node returns.ts ws://127.0.0.1:8120/stream
import { connect } from 'marlstrom/client'

const client = connect(process.argv[2] ?? 'ws://127.0.0.1:8120/stream')

client.metrics$.subscribe({
  next({ episodes, returns }) {
    const each = Object.entries(returns).map(([agent, value]) => `${agent} ${value.toFixed(2)}`)
    console.log(`episode ${episodes}: ${each.join(', ')}`)
  },
  error: ({ message }) => console.error(message),
})

client.state$.subscribe({
  next({ status, message }) {
    if (status !== 'ended' && status !== 'failed') return
    console.log(message)
    client.close()
  },
  error() {},
})
