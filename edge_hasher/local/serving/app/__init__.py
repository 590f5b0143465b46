"""The app behind the Function URL: asked over HTTP, or a Lambda handler in processes of its own."""
