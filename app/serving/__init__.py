"""How the application is served: gunicorn's processes, uvicorn's loop, HTTP on the wire.

The master of gunicorn imports `arbiter`, `log`, `machine` and `worker` alone, and these nothing of
ours or of the dependencies but gunicorn, and the form of our log. So a worker that it forks finds
nothing imported yet, and a reload takes the code and the settings as they are then.
"""
