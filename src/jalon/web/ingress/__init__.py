"""Where devices and network servers send what they have to say, over HTTP."""
