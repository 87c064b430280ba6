# GPFF Studio for a group; docs/server.md says how to run it.
FROM python:3.12-slim-bookworm

# RDKit's drawings are linked against these, and the slim image lacks them.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libexpat1 libxext6 libxrender1 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    GPFF_DATA_FOLDER=/data

# PyTorch's CPU wheels, from the index given at build time, save gigabytes; without it, what pip finds by itself.
ARG TORCH_INDEX=""
WORKDIR /app
COPY requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then \
        pip install --index-url "$TORCH_INDEX" "$(grep -o '^torch==[0-9.]*' requirements.txt)"; \
    fi \
    && pip install -r requirements.txt

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin gpff \
    && install -d -o gpff -g gpff /data
COPY app.py LICENSE README.md ./
COPY .streamlit/config.toml .streamlit/
COPY checkpoints checkpoints
COPY gpff_core gpff_core
COPY gpff_app gpff_app
COPY pages pages
COPY static static
# A builder whose files are for its eyes only (umask 077) would copy what this user cannot read.
RUN chmod -R a+rX /app

USER gpff
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "gpff_app", "--server.headless=true", "--server.address=0.0.0.0", "--server.port=8501"]
