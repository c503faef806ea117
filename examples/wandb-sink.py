# Lines of metrics on stdin, as examples/wandb.ts writes them, go to Weights and Biases: pip install wandb
import base64, io, json, sys

import wandb

run = None
for text in sys.stdin:
    kind, said = next(iter(json.loads(text).items()))
    if kind == "open":
        # A name of your own as `id`, with resume="allow", goes on with a run that was stopped.
        run = wandb.init(project=said["project"], config=said["config"])
    elif kind == "line":
        run.log(said, step=said["envSteps"])
    elif kind == "image":
        from PIL import Image  # pip install pillow

        picture = Image.open(io.BytesIO(base64.b64decode(said["png"])))
        run.log({said["name"]: wandb.Image(picture)}, step=said["step"])
run.finish()
