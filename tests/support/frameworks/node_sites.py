"""Apps of real Node.js web frameworks behind a local edge, with the lines that docs/frameworks.md gives for them."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edge_hasher.local.config import HttpApp
from tests.support.edge.edge_fixtures import OWN, running_edge
from tests.support.frameworks.python_sites import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.local.runtime import FunctionSpec

INSTALLED = Path(__file__).parents[3] / ".venvs/frameworks-node/node_modules"
STOP_TIMEOUT_S = 10

_EXPRESS = """
import compression from 'compression';
import express from 'express';

const app = express();
let goOn;
SETTINGS
app.use('/compressed', compression());
app.post('/json', (request, response) => response.json({bytes: JSON.stringify(request.body).length}));
app.post('/form', (request, response) => response.json(request.body));
app.post('/redirect', (request, response) => response.redirect(`${request.protocol}://${request.host}/done`));
app.post('/compressed', (request, response) => {
  response.set('content-type', 'text/event-stream');
  response.write('data: first\\n\\n');
  if (request.query.flush) response.flush();
  goOn = () => response.end('data: second\\n\\n');
});
app.get('/go-on', (request, response) => { goOn(); response.end(); });
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""
_HONO = """
import {serve} from '@hono/node-server';
import {Hono} from 'hono';
import {csrf} from 'hono/csrf';

const app = new Hono();
SETTINGS
app.post('/json', async c => c.json({bytes: JSON.stringify(await c.req.json()).length}));
app.post('/form', async c => c.json(await c.req.parseBody()));
serve({fetch: app.fetch, port: 0, hostname: '127.0.0.1'}, info => console.log(info.port));
"""
_SOURCES = {"Express": _EXPRESS, "Hono": _HONO}


@contextmanager
def node_site(
    framework: str, folder: Path, *, settings: str | None = None, function: FunctionSpec | None = OWN
) -> Iterator[str]:
    """Run a framework's app behind an edge, and give its address; `settings` None are those that the page shows."""
    program = folder / "main.mjs"
    told = blocks(framework, "js") if settings is None else settings
    program.write_text(_SOURCES[framework].replace("SETTINGS", told))
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(INSTALLED)
    with subprocess.Popen(["node", str(program)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            app = HttpApp("127.0.0.1", int(process.stdout.readline()))
            with running_edge(app=app, function=function) as edge:
                yield edge.url
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT_S)
