/** node:cluster with prom-client's AggregatorRegistry, as its manual shows: four workers, one counter with many label sets. */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import prometheus from 'prom-client';

const [workers, series, port] = process.argv.slice(2).map(Number);
const registry = new prometheus.AggregatorRegistry();
const text = { 'Content-Type': 'text/plain' };

if (cluster.isPrimary) {
  for (let index = 0; index < workers; index += 1) cluster.fork();
  createServer((_request, response) => {
    registry.clusterMetrics().then(
      (metrics) => response.writeHead(200, text).end(metrics),
      (error) => response.writeHead(500, text).end(String(error)),
    );
  }).listen(port, '127.0.0.1', () =>
    process.send({ pids: Object.values(cluster.workers).map((it) => it.process.pid) }),
  );
  process.on('disconnect', () => process.exit(0));
} else {
  const labelNames = ['method', 'tool', 'status'];
  const counter = new prometheus.Counter({ name: 'mcp_requests_total', help: 'Requests.', labelNames });
  for (let index = 0; index < series; index += 1)
    counter.inc({ method: 'tools/call', tool: `tool_${index}`, status: '200' });
}
