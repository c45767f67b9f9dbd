#!/usr/bin/env node
import '../dist/cli/http-main.js';
