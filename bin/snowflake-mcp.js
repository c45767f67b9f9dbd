#!/usr/bin/env node
import '../dist/worker/stdio-main.js';
