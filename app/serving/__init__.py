"""How the application is served: gunicorn's processes, uvicorn's loop, HTTP on the wire.

`supervisor` owns the listening socket and runs gunicorn, whose workers (`worker`) run uvicorn
(`server`, `protocol`, `refusal`). The settings of gunicorn are in `gunicorn.conf.py`.
"""
