"""The face: FastAPI pages, live signals and the only place that makes sentences."""
