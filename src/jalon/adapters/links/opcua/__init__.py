"""OPC UA: variables of controllers and plant servers, heard by subscription."""
